/* Where CPython's fields lie, version by version: data that the compiler folds into python.c, which walks by a copy of its loop
 * for each version (a table read at run time would cost as much again as the frames themselves).
 */
#ifndef N1_PRELOAD_PYTHON_LAYOUT_H
#define N1_PRELOAD_PYTHON_LAYOUT_H

#include "preload/script/python.h"

#define N1_PYTHON_LAYOUTS 5
/* From the headers of 3.9.18, 3.10.13, 3.11.2, 3.11.7, 3.12.1 and 3.13.0 with offsetof; a minor version does not move them. */
/* clang-format off */
static const struct n1_python_layout n1_python_layouts[N1_PYTHON_LAYOUTS] = {
    {.minor = 9, .chain = N1_PYTHON_OBJECTS, .lines = N1_PYTHON_LNOTAB,
     .state_frame = 24, .state_cframe = N1_PYTHON_NONE, .cframe_frame = N1_PYTHON_NONE, .cframe_previous = N1_PYTHON_NONE,
     .frame_code = 32, .frame_previous = 24, .frame_at = 104,
     .frame_owner = N1_PYTHON_NONE, .frame_is_entry = N1_PYTHON_NONE,
     .code_names = 64, .code_first_line = 40, .code_file = 104, .code_name = 112, .code_qualname = 112, .code_lines = 120,
     .code_bytes = 48, .code_traceable = N1_PYTHON_NONE, .ascii_text = 48, .compact_text = 72},
    {.minor = 10, .chain = N1_PYTHON_OBJECTS, .lines = N1_PYTHON_LINETABLE,
     .state_frame = 24, .state_cframe = 48, .cframe_frame = N1_PYTHON_NONE, .cframe_previous = 8,
     .frame_code = 32, .frame_previous = 24, .frame_at = 96,
     .frame_owner = N1_PYTHON_NONE, .frame_is_entry = N1_PYTHON_NONE,
     .code_names = 64, .code_first_line = 40, .code_file = 104, .code_name = 112, .code_qualname = 112, .code_lines = 120,
     .code_bytes = 48, .code_traceable = N1_PYTHON_NONE, .ascii_text = 48, .compact_text = 72},
    {.minor = 11, .chain = N1_PYTHON_ENTRIES, .lines = N1_PYTHON_LOCATIONS,
     .state_frame = N1_PYTHON_NONE, .state_cframe = 56, .cframe_frame = 8, .cframe_previous = 16,
     .frame_code = 32, .frame_previous = 48, .frame_at = 56, .frame_owner = 69, .frame_is_entry = 68,
     .code_names = 32, .code_first_line = 72, .code_file = 112, .code_name = 120, .code_qualname = 128, .code_lines = 136,
     .code_bytes = 184, .code_traceable = 168, .ascii_text = 48, .compact_text = 72},
    {.minor = 12, .chain = N1_PYTHON_C_FRAMES, .lines = N1_PYTHON_LOCATIONS,
     .state_frame = N1_PYTHON_NONE, .state_cframe = 56, .cframe_frame = 0, .cframe_previous = 8,
     .frame_code = 0, .frame_previous = 8, .frame_at = 56, .frame_owner = 70, .frame_is_entry = N1_PYTHON_NONE,
     .code_names = 32, .code_first_line = 68, .code_file = 112, .code_name = 120, .code_qualname = 128, .code_lines = 136,
     .code_bytes = 192, .code_traceable = 176, .ascii_text = 40, .compact_text = 56},
    {.minor = 13, .chain = N1_PYTHON_C_FRAMES, .lines = N1_PYTHON_LOCATIONS,
     .state_frame = 72, .state_cframe = N1_PYTHON_NONE, .cframe_frame = N1_PYTHON_NONE, .cframe_previous = N1_PYTHON_NONE,
     .frame_code = 0, .frame_previous = 8, .frame_at = 56, .frame_owner = 70, .frame_is_entry = N1_PYTHON_NONE,
     .code_names = 32, .code_first_line = 68, .code_file = 112, .code_name = 120, .code_qualname = 128, .code_lines = 136,
     .code_bytes = 200, .code_traceable = 184, .ascii_text = 40, .compact_text = 56},
};
/* clang-format on */

#endif
