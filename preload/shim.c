/* What happens when the shim is loaded: the constructor. */
#include <unistd.h>

#include "preload/base/environment.h"
#include "preload/base/process.h"
#include "preload/hooks/redirect.h"

__attribute__((constructor)) static void n1_constructor(void)
{
    n1_process_init();
    if (n1_process.is_off)
        return;
    n1_environment_restore(environ);
    n1_redirect_open();
}
