/* English plurals as Rails' inflector knows them (ActiveSupport's default rules), by endings: what it would name a table or an
 * association is what a person reads in the program. The last word of a name with underscores is the one that bends. */
#include <stdio.h>
#include <string.h>

#include "analyzer/links/names.h"

struct ending {
    const char *one, *many;
};

/* Whole words. */
static const struct ending words[] = {
    {"person", "people"},
    {"man", "men"},
    {"woman", "women"},
    {"child", "children"},
    {"mouse", "mice"},
    {"louse", "lice"},
    {"ox", "oxen"},
    {"foot", "feet"},
    {"tooth", "teeth"},
    {"goose", "geese"},
    {"datum", "data"},
    {"medium", "media"},
    {"quiz", "quizzes"},
    {"index", "indices"},
    {"index", "indexes"},
    {"vertex", "vertices"},
    {"matrix", "matrices"},
    {"life", "lives"},
    {"knife", "knives"},
    {"wife", "wives"},
    {"half", "halves"},
    {"shelf", "shelves"},
    {"leaf", "leaves"},
    {"wolf", "wolves"},
    {"calf", "calves"},
    {"thief", "thieves"},
    {"loaf", "loaves"},
    {"self", "selves"},
    {"movie", "movies"},
    {"cookie", "cookies"},
    {"zombie", "zombies"},
    {"tie", "ties"},
    {"pie", "pies"},
    {"shoe", "shoes"},
    {"toe", "toes"},
    {"axis", "axes"},
    {"basis", "bases"},
    {"bus", "buses"},
    {"virus", "viruses"},
    {"gas", "gases"},
    {"lens", "lenses"},
    {"atlas", "atlases"},
    {"canvas", "canvases"},
    {"alias", "aliases"},
    {"bias", "biases"},
    {"criterion", "criteria"},
    {"phenomenon", "phenomena"},
    {"cache", "caches"},
    {"niche", "niches"},
    {"menu", "menus"},
};

static const char *const uncountable[] = {"equipment", "information", "rice",     "money",   "species", "series",
                                          "fish",      "sheep",       "jeans",    "police",  "news",    "staff",
                                          "metadata",  "feedback",    "software", "hardware"};

/* Endings, the first that fits. An empty `one` or `many` is the ending of every word. */
static const struct ending endings[] = {
    {"ss", "sses"},
    {"sh", "shes"},
    {"ch", "ches"},
    {"x", "xes"},
    {"zz", "zzes"},
    {"database", "databases"},
    {"analysis", "analyses"},
    {"thesis", "theses"},
    {"diagnosis", "diagnoses"},
    {"synopsis", "synopses"},
    {"crisis", "crises"},
    {"hero", "heroes"},
    {"potato", "potatoes"},
    {"tomato", "tomatoes"},
    {"echo", "echoes"},
    {"ouse", "ouses"},
    {"ause", "auses"},
    {"tus", "tuses"},
    {"nus", "nuses"},
    {"pus", "puses"},
    {"cus", "cuses"},
    {"sus", "suses"},
    {"ius", "iuses"},
    {"ay", "ays"},
    {"ey", "eys"},
    {"oy", "oys"},
    {"uy", "uys"},
    {"y", "ies"},
};

static const char *last_word(const char *name)
{
    const char *underscore = strrchr(name, '_');
    return underscore != NULL && underscore[1] != '\0' ? underscore + 1 : name;
}

/* First letters differ nearly always: no call then. */
static inline bool same(const char *a, const char *b)
{
    return a[0] == b[0] && strcmp(a, b) == 0;
}

static bool is_uncountable(const char *word)
{
    for (size_t i = 0; i < sizeof uncountable / sizeof *uncountable; i++) {
        if (same(uncountable[i], word))
            return true;
    }
    return false;
}

static bool ends_with(const char *word, const char *end)
{
    size_t a = strlen(word), b = strlen(end);
    return a >= b && same(word + a - b, end);
}

/* name with `cut` characters of its end gone and `end` behind it. */
static void put(char *out, size_t capacity, const char *name, size_t cut, const char *end)
{
    snprintf(out, capacity, "%.*s%s", (int)(strlen(name) - cut), name, end);
}

void n1_name_singular(const char *name, char *out, size_t capacity)
{
    const char *word = last_word(name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (same(words[i].many, word)) {
            put(out, capacity, name, strlen(words[i].many), words[i].one);
            return;
        }
    }
    const bool has_plural = !is_uncountable(word);
    for (size_t i = 0; i < sizeof endings / sizeof *endings && has_plural; i++) {
        if (ends_with(word, endings[i].many)) {
            put(out, capacity, name, strlen(endings[i].many), endings[i].one);
            return;
        }
    }
    static const char *const of_one[] = {"ss", "us", "is"}; /* address, status, basis */
    bool is_one = is_uncountable(word) || !ends_with(word, "s");
    for (size_t i = 0; i < sizeof of_one / sizeof *of_one; i++)
        is_one |= ends_with(word, of_one[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        is_one |= same(words[i].one, word);
    put(out, capacity, name, is_one ? 0 : 1, "");
}

void n1_name_plural(const char *name, char *out, size_t capacity)
{
    const char *word = last_word(name);
    char one[128];
    n1_name_singular(name, one, sizeof one);
    if (strcmp(one, name) != 0 || is_uncountable(word)) {
        put(out, capacity, name, 0, ""); /* it was plural already */
        return;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (same(words[i].one, word)) {
            put(out, capacity, name, strlen(words[i].one), words[i].many);
            return;
        }
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (ends_with(word, endings[i].one)) {
            put(out, capacity, name, strlen(endings[i].one), endings[i].many);
            return;
        }
    }
    put(out, capacity, name, 0, ends_with(word, "s") ? "es" : "s");
}
