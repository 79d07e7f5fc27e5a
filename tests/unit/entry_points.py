"""entry_points.py: every function that the shim puts before the program's libraries is called by one of tests/programs, and every one that
passes it by and yet bears on what is recorded: results in other forms, pipelines, COPY, connections driven by hand, calls past SQL."""
import glob
import os
import re
import sys

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def read(*path):
    with open(os.path.join(root, *path), encoding="utf-8") as file:
        return file.read()


hooked = set(re.findall(r"^ +((?:sqlite3_|PQ)\w+);", read("preload", "shim.map"), re.M))
audited = re.search(r"#define N1_LIBPQ_AUDITED\(X\)(.*)", read("preload", "binding", "real.h")).group(1)
hooked |= set(re.findall(r"X\((PQ\w+)\)", audited))
passing = """sqlite3_blob_open sqlite3_backup_init sqlite3_load_extension sqlite3_create_function sqlite3_get_table PQconnectPoll PQresetPoll
    PQsetnonblocking PQflush PQconsumeInput PQisBusy PQsetSingleRowMode PQenterPipelineMode PQexitPipelineMode PQpipelineSync
    PQsendFlushRequest PQgetCopyData PQputCopyData PQputCopyEnd PQgetline PQgetlineAsync PQputline PQputnbytes PQendcopy PQfn lo_read
    lo_write PQsetChunkedRowsMode PQsendPipelineSync PQcancelCreate"""
hooked |= set(passing.split())
programs = "".join(read(path) for path in glob.glob(os.path.join(root, "tests", "programs", "*.[ch]")))
missing = sorted(name for name in hooked if not re.search(r'\b%s(\(|"|\))' % name, programs))
if len(hooked) < 60 or missing:
    sys.exit(f"{len(hooked)} hooked functions; no program of tests/programs calls {', '.join(missing)}")
