#include "analyzer/identity.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

uint64_t n1_identity(const struct n1_candidate *c)
{
    uint64_t hash = n1_mix((uint64_t)c->kind + 1, c->child->stmt->fingerprint);
    const struct n1_callpath *path = c->child->path;
    for (uint32_t i = c->child->place; i < path->count; i++) {
        const char *function = path->frame[i]->function != NULL ? path->frame[i]->function : "?";
        hash = n1_mix(hash, XXH3_64bits(function, strlen(function)));
    }
    return hash;
}

void n1_identity_text(uint64_t identity, char out[17])
{
    snprintf(out, 17, "%016llx", (unsigned long long)identity);
}
