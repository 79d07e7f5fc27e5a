import sys

import harmless
import lookups
import shapes
import writes
from common import SCENARIOS, connect

assert lookups and shapes and writes and harmless
database = connect()
SCENARIOS[sys.argv[1]](database)
database.commit()
database.close()
