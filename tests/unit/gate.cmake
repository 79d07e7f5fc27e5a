# gate: baselines, verdicts, scopes
n1_unit_test(gate_baseline gate_baseline.c n1_gate)
n1_unit_test(gate_check gate_check.c n1_gate)
target_sources(unit_gate_check PRIVATE gate_made.c)
n1_unit_test(gate_scopes gate_scopes.c analyzer_script n1_analyzer)
n1_unit_test(gate_hostile gate_hostile.c n1_gate n1_analyzer n1_reports PkgConfig::JANSSON)
target_sources(unit_gate_hostile PRIVATE reports_models.c)
