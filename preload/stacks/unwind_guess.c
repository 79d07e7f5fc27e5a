#include "preload/stacks/unwind_guess.h"

#include "preload/binding/modules.h"

#define GUESS_MAX (256U * 1024U) /* a larger frame is not believed without a table that says so */

bool n1_unwind_is_guess(uint32_t module)
{
    return module == N1_MODULE_NONE || !n1_module_at(module)->unwind_table;
}

bool n1_unwind_is_after_call(uintptr_t ip)
{
    uint8_t code[7];
    if (n1_stack_read(ip - sizeof code, code, sizeof code))
        return false;
    if (code[2] == 0xe8) /* call rel32 */
        return true;
    for (uint32_t i = 0; i < 6; i++) /* call r/m64 of two to seven bytes: 0xff, then a middle part of 2 */
        if (code[i] == 0xff && (code[i + 1] >> 3 & 7) == 2)
            return true;
    return false;
}

bool n1_unwind_is_plausible(const struct n1_unwind *walk, uintptr_t sp, uintptr_t end)
{
    const uintptr_t low = walk->bounds.low, high = walk->bounds.high;
    return end - sp <= GUESS_MAX && (sp >= low && sp < high) == (end >= low && end < high);
}
