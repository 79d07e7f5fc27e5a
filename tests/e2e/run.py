#!/usr/bin/python3
"""Runs one end-to-end case: run.py BUILD CASE; names them all: run.py --list."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
