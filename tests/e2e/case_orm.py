"""The bundled ORM is a customer like any other: its blog is 101 queries slow, and 1 and 2 mended."""
from harness import case, database_of, expect, expect_equal, only_finding

__all__ = ["database_of"]
