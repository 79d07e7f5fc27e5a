"""extract_stack.py COUNT: load_python.py with Python's own way to know the call path: traceback.extract_stack() at each query."""
import os
import runpy
import sqlite3
import traceback


class Connection(sqlite3.Connection):
    def execute(self, *arguments):
        traceback.extract_stack()
        return super().execute(*arguments)


real_connect = sqlite3.connect
sqlite3.connect = lambda name: real_connect(name, factory=Connection)
runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "load_python.py"), run_name="__main__")
