n1_unit_test(sql_lex sql_lex.c n1_sql_lex)
n1_unit_test(sql_redact sql_redact.c n1_sql_lex)
n1_unit_test(sql_normalise sql_normalise.c n1_sql)
n1_unit_test(sql_shape sql_shape.c n1_sql)
