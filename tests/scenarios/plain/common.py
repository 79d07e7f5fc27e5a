"""One scenario of the plain programs: main.py SCENARIO, with the database in SCENARIO_DB (a file, or a libpq connection string)."""
import os
import sqlite3

URL = os.environ["SCENARIO_DB"]
IS_POSTGRES = "=" in URL
SCENARIOS = {}


def connect():
    if IS_POSTGRES:
        import psycopg2
        return psycopg2.connect(URL)
    return sqlite3.connect(URL, timeout=30)


def q(sql):
    """Placeholders as the driver wants them."""
    return sql.replace("?", "%s") if IS_POSTGRES else sql


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function
