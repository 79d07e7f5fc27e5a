n1_fuzz_target(trace_events trace_events.c n1_trace PkgConfig::GLIB)
n1_fuzz_target(trace_stream trace_stream.c n1_trace PkgConfig::GLIB)
