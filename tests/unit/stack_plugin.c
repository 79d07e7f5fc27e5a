/* Built twice with the same code: two objects that the loader may put at the same addresses one after the other. */
#include <stdint.h>

__attribute__((visibility("default"))) uint32_t n1_plugin_run(uint32_t (*function)(void));

uint32_t n1_plugin_run(uint32_t (*function)(void))
{
    const uint32_t result = function();
    __asm__ volatile("" ::: "memory");
    return result;
}
