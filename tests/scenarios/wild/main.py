"""Layered programs: main.py JOB, with the database in SCENARIO_DB."""
import sys

import fine
import loops
import traffic
from database import JOBS, Gate, connect

assert fine and loops and traffic
gate = Gate(connect())
JOBS[sys.argv[1]](gate)
gate.connection.commit()
gate.connection.close()
