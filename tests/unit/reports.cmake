# frames, reports, cli
n1_unit_test(frames frames.c n1_frames PkgConfig::GLIB)
target_sources(unit_frames PRIVATE frames_subject.c)
# The subject is optimised and has debug information in every build: the test looks for its inlined functions.
set_source_files_properties(frames_subject.c PROPERTIES COMPILE_OPTIONS "-O2;-g;-fno-sanitize=all;-fno-lto")
n1_unit_test(frames_user_code frames_user_code.c n1_frames)
