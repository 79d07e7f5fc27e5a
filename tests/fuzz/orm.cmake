# Expression text of the ORM, from bytes to SQL.
n1_fuzz_target(orm_expr orm_expr.c orm_test_models)
