n1_fuzz_target(gate_files gate_files.c n1_gate n1_analyzer PkgConfig::GLIB)
