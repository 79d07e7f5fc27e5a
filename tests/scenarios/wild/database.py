"""What the shop's programs are made of: one gate to the database, repositories above it, and a scenario's name for each job."""
import contextlib
import functools
import os
import queue
import sqlite3
import threading

URL = os.environ["SCENARIO_DB"]
IS_POSTGRES = "=" in URL
JOBS = {}


def job(function):
    JOBS[function.__name__] = function
    return function


def connect():
    if IS_POSTGRES:
        import psycopg2
        return psycopg2.connect(URL)
    return sqlite3.connect(URL, timeout=30, check_same_thread=False)


def elsewhere():
    """A gate to another database of the same kind."""
    if IS_POSTGRES:
        import psycopg2
        return Gate(psycopg2.connect(URL.rpartition(" ")[0] + " dbname=postgres"))
    return Gate(sqlite3.connect(":memory:"))


def traced(function):
    """A decorator as many programs have one around whatever touches the database."""
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper


class Gate:
    """Every statement of a connection goes through here."""

    def __init__(self, connection):
        self.connection = connection

    @traced
    def rows(self, sql, *parameters):
        cursor = self.connection.cursor()
        try:
            cursor.execute(sql.replace("?", "%s") if IS_POSTGRES else sql, parameters)
            return cursor.fetchall()
        finally:
            cursor.close()

    def row(self, sql, *parameters):
        found = self.rows(sql, *parameters)
        return found[0] if found else None

    def run(self, sql, *parameters):
        cursor = self.connection.cursor()
        cursor.execute(sql.replace("?", "%s") if IS_POSTGRES else sql, parameters)
        cursor.close()


class Pool:
    def __init__(self, size):
        self.idle = queue.SimpleQueue()
        self.all = [connect() for _ in range(size)]
        for connection in self.all:
            self.idle.put(connection)

    @contextlib.contextmanager
    def lend(self):
        connection = self.idle.get()
        try:
            yield Gate(connection)
            connection.commit()
        finally:
            self.idle.put(connection)

    def close(self):
        for connection in self.all:
            connection.close()


class Local(threading.local):
    """A connection a thread."""
    gate = None

    def get(self):
        if self.gate is None:
            self.gate = Gate(connect())
        return self.gate


LOCAL = Local()
