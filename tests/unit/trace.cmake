n1_unit_test(trace_value trace_value.c n1_trace_encode)
n1_unit_test(trace_roundtrip trace_roundtrip.c n1_trace PkgConfig::GLIB)
n1_unit_test(trace_read trace_read.c n1_trace PkgConfig::GLIB)
