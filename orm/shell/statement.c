/* Lines of Python: assignments, loops, if, with, try, and expressions; several lines when a block is indented.
 *
 *     for post in Post.objects.all():
 *         print(post.title, post.author.name)
 *
 * A block gives what it printed. Errors end it; try/except takes them by name. */
#include "orm/shell/shell.h"

struct line {
    size_t indent;
    const char *text; /* without indent and blanks at the end */
};

struct block {
    struct line *lines;
    size_t n;
};

/* ---- text ---------------------------------------------------------------------------------------------------------------- */

/* The end of the string or bracket that begins at s; of any other byte, the next. depth of brackets is kept. */
static const char *skip(const char *s, int *depth)
{
    if (*s == '\'' || *s == '"') {
        char quote = *s++;
        while (*s && *s != quote)
            s += *s == '\\' && s[1] ? 2 : 1;
        return *s ? s + 1 : s;
    }
    if (strchr("([{", *s))
        ++*depth;
    else if (strchr(")]}", *s))
        --*depth;
    return s + 1;
}

/* Where c stands outside of strings and brackets; NULL: nowhere. */
static const char *find(const char *s, char c)
{
    for (int depth = 0; *s && *s != '#'; s = skip(s, &depth))
        if (depth == 0 && *s == c)
            return s;
    return NULL;
}

bool shell_is_open(const char *text)
{
    int depth = 0;
    while (*text && *text != '#')
        text = skip(text, &depth);
    return depth > 0;
}

static size_t code_length(const char *s)
{
    const char *from = s;
    int depth = 0;
    while (*s && *s != '#')
        s = skip(s, &depth);
    size_t n = (size_t)(s - from);
    while (n && strchr(" \t\r\n", from[n - 1]))
        n--;
    return n;
}

static bool begins(const char *s, const char *word)
{
    size_t n = strlen(word);
    return strncmp(s, word, n) == 0 && (s[n] == '\0' || strchr(" \t:(.", s[n]));
}

bool shell_opens_block(const char *line)
{
    static const char *const words[] = {"for", "if", "with", "try", "while", "def", "class"};
    line += strspn(line, " \t");
    size_t n = code_length(line);
    bool is_one = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        is_one = is_one || begins(line, words[i]);
    return is_one && n && line[n - 1] == ':';
}

bool shell_continues_block(const char *line)
{
    static const char *const words[] = {"else", "elif", "except", "finally"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins(line, words[i]))
            return true;
    return *line == ' ' || *line == '\t';
}

static struct block split(struct orm_arena *a, const char *text)
{
    struct block b = {0};
    while (*text) {
        size_t length = strcspn(text, "\n"), indent = 0;
        const char *s = orm_copy_text(a, text, length);
        while (text[length] && shell_is_open(s)) { /* goes on on the next line */
            length += 1 + strcspn(text + length + 1, "\n");
            s = orm_copy_text(a, text, length);
        }
        for (; *s == ' ' || *s == '\t'; s++)
            indent += *s == '\t' ? 8 - indent % 8 : 1;
        size_t code = code_length(s);
        if (code) {
            b.lines = ORM_GROW(a, b.lines, b.n);
            b.lines[b.n++] = (struct line){indent, orm_copy_text(a, s, code)};
        }
        text += length + (text[length] == '\n');
    }
    return b;
}

/* ---- simple statements ------------------------------------------------------------------------------------------------------- */

static const struct orm_node *parse(struct shell *s, const char *text)
{
    struct orm_parse_input in = {.arena = &s->db->arena, .error = &s->db->error, .text = text, .is_script = true};
    return orm_parse_expression(&in);
}

static bool evaluate(struct shell *s, const char *text, struct shell_value *out)
{
    const struct orm_node *tree = parse(s, text);
    return tree && shell_eval(s, tree, out);
}

/* The '=' of an assignment, and the operator before it (x += 1) or 0. */
static const char *find_assignment(const char *s, char *op)
{
    const char *from = s;
    for (int depth = 0; *s; s = skip(s, &depth)) {
        if (depth || *s != '=')
            continue;
        if (s[1] == '=') {
            s++;
            continue;
        }
        if (s > from && strchr("<>!", s[-1]))
            continue;
        *op = '\0';
        if (s > from && strchr("+-*/%|&^", s[-1]))
            *op = s[-1];
        return s;
    }
    return NULL;
}

static bool assign_to(struct shell *s, const struct orm_node *target, const struct shell_value *v)
{
    struct shell_value owner;
    if (target->kind == ORM_N_NAME) {
        shell_set_variable(s, target->name, v);
        return true;
    }
    if (target->kind == ORM_N_LIST) {
        struct shell_value *items;
        size_t n;
        if (!shell_items_of(s, v, &items, &n))
            return false;
        if (n != target->n_args)
            return shell_fail(s, ORM_VALUE_ERROR, "%s values to unpack (expected %zu, got %zu)",
                              n > target->n_args ? "too many" : "not enough", target->n_args, n);
        for (size_t i = 0; i < n; i++)
            if (!assign_to(s, target->args[i].node, &items[i]))
                return false;
        return true;
    }
    if (target->kind != ORM_N_ATTR)
        return orm_fail_at(&s->db->error, ORM_SYNTAX, target->text, target->pos, "cannot assign to this");
    if (!shell_eval(s, target->lhs, &owner))
        return false;
    if (owner.kind != SHELL_OBJECT)
        return shell_fail(s, ORM_ATTRIBUTE, "'%s' cannot be set here", target->name);
    return shell_set_attribute(s, owner.row, target->name, v);
}

static bool assign(struct shell *s, const char *text, const char *equals, char op)
{
    struct orm_arena *a = &s->db->arena;
    const char *left = orm_copy_text(a, text, (size_t)(equals - text) - (op != '\0')), *right = equals + 1;
    if (op)
        right = orm_printf(a, "%s %c (%s)", left, op, right);
    struct shell_value v;
    const struct orm_node *target = evaluate(s, right, &v) ? parse(s, left) : NULL;
    return target && assign_to(s, target, &v);
}

static bool run_simple(struct shell *s, const char *text, struct shell_value *out)
{
    char op;
    *out = (struct shell_value){.kind = SHELL_NOTHING};
    if (begins(text, "import") || begins(text, "from") || strcmp(text, "pass") == 0)
        return true; /* everything that can be imported is here already */
    const char *equals = find_assignment(text, &op);
    return equals ? assign(s, text, equals, op) : evaluate(s, text, out);
}

/* a; b: the value is the last one's. */
static bool run_simples(struct shell *s, const char *text, struct shell_value *out)
{
    const char *end;
    while ((end = find(text, ';'))) {
        const char *one = orm_copy_text(&s->db->arena, text, (size_t)(end - text));
        if (!run_simple(s, one + strspn(one, " \t"), out))
            return false;
        text = end + 1 + strspn(end + 1, " \t");
    }
    return *text == '\0' || run_simple(s, text, out);
}

/* ---- blocks ---------------------------------------------------------------------------------------------------------------------- */

static bool run_block(struct shell *s, const struct block *b);

/* A header and what belongs to it. */
struct compound {
    const char *head;    /* between the word and its ':' */
    const char *in_line; /* behind the ':', or "" */
    struct block body;
    size_t next; /* the line behind it */
};

static bool read_compound(struct shell *s, const struct block *b, size_t at, const char *word, struct compound *out)
{
    struct orm_arena *a = &s->db->arena;
    const char *text = b->lines[at].text, *colon = find(text, ':');
    if (!colon)
        return orm_fail_at(&s->db->error, ORM_SYNTAX, text, strlen(text), "expected ':'");
    const char *head = text + strlen(word);
    *out = (struct compound){.in_line = colon + 1 + strspn(colon + 1, " \t"), .next = at + 1};
    out->head = orm_copy_text(a, head, (size_t)(colon - head));
    out->head += strspn(out->head, " \t");
    while (out->next < b->n && b->lines[out->next].indent > b->lines[at].indent)
        out->next++;
    out->body = (struct block){b->lines + at + 1, out->next - at - 1};
    if (!*out->in_line && out->body.n == 0)
        return orm_fail_at(&s->db->error, ORM_SYNTAX, text, strlen(text), "expected an indented block behind it");
    return true;
}

static bool run_body(struct shell *s, const struct compound *c)
{
    struct shell_value v;
    if (*c->in_line && !run_simples(s, c->in_line, &v))
        return false;
    return run_block(s, &c->body);
}

/* for a, b in z: the same words as in [... for a, b in z]. */
static bool run_for(struct shell *s, const struct compound *c)
{
    const struct orm_node *tree = parse(s, orm_printf(&s->db->arena, "[None for %s]", c->head));
    struct shell_value over, *items;
    size_t n;
    if (!tree)
        return false;
    if (tree->kind != ORM_N_EACH)
        return shell_fail(s, ORM_SYNTAX, "for name in values:");
    if (!shell_eval(s, tree->rhs, &over) || !shell_items_of(s, &over, &items, &n))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!shell_bind(s, tree->args + 1, tree->n_args - 1, &items[i]) || !run_body(s, c))
            return false;
    return true;
}

static bool run_with(struct shell *s, const struct compound *c)
{
    if (strcmp(c->head, "transaction.atomic()") != 0)
        return shell_fail(s, ORM_NAME, "with transaction.atomic(): is the one that is known here");
    if (orm_begin(s->db) == ORM_OK)
        run_body(s, c);
    return orm_end(s->db) == ORM_OK;
}

/* except Post.DoesNotExist:, except (A, B) as e:, except: */
static bool takes_error(const struct shell *s, const char *head)
{
    const char *name = orm_status_name(orm_status_of(s->db));
    size_t n = strlen(name);
    if (*head == '\0' || begins(head, "Exception"))
        return true;
    for (const char *at = strstr(head, name); at; at = strstr(at + 1, name)) {
        bool is_whole = (at == head || strchr(".( ,", at[-1])) && (at[n] == '\0' || strchr("), ", at[n]));
        if (is_whole)
            return true;
    }
    return false;
}

static bool run_try(struct shell *s, const struct block *b, size_t *at)
{
    struct compound body, handler;
    if (!read_compound(s, b, *at, "try", &body))
        return false;
    size_t indent = b->lines[*at].indent;
    bool good = run_body(s, &body), is_taken = good;
    *at = body.next;
    while (*at < b->n && b->lines[*at].indent == indent && begins(b->lines[*at].text, "except")) {
        struct orm_error kept = s->db->error;
        s->db->error.status = ORM_OK;
        if (!read_compound(s, b, *at, "except", &handler))
            return false;
        s->db->error = kept;
        *at = handler.next;
        if (!is_taken && takes_error(s, handler.head)) {
            orm_clear(s->db);
            is_taken = true;
            good = run_body(s, &handler);
        }
    }
    return good;
}

static bool run_if(struct shell *s, const struct block *b, size_t *at)
{
    size_t indent = b->lines[*at].indent;
    bool is_done = false;
    const char *word = "if";
    while (word) {
        struct compound c;
        struct shell_value v;
        bool takes = true;
        if (!read_compound(s, b, *at, word, &c))
            return false;
        if (!is_done && strcmp(word, "else") != 0 && (!evaluate(s, c.head, &v) || !shell_truth(s, &v, &takes)))
            return false;
        if (!is_done && takes && !run_body(s, &c))
            return false;
        is_done = is_done || takes;
        *at = c.next;
        bool more = *at < b->n && b->lines[*at].indent == indent && strcmp(word, "else") != 0;
        word = more && begins(b->lines[*at].text, "elif")   ? "elif"
               : more && begins(b->lines[*at].text, "else") ? "else"
                                                            : NULL;
    }
    return true;
}

static bool run_block(struct shell *s, const struct block *b)
{
    static const struct {
        const char *word;
        bool (*run)(struct shell *s, const struct compound *c);
    } compounds[] = {{"for", run_for}, {"with", run_with}};
    static const char *const strange[] = {"while", "def", "class", "else", "elif", "except", "finally"};
    for (size_t i = 0; i < b->n;) {
        const char *text = b->lines[i].text;
        struct shell_value v;
        struct compound c;
        size_t k = 0;
        for (size_t w = 0; w < sizeof strange / sizeof *strange; w++)
            if (begins(text, strange[w]))
                return orm_fail_at(&s->db->error, ORM_SYNTAX, text, 0, "no statement of this shell");
        if (b->lines[i].indent != b->lines[0].indent)
            return orm_fail_at(&s->db->error, ORM_SYNTAX, text, 0, "unexpected indent");
        if (shell_is_interrupted(s))
            return shell_fail(s, ORM_OPERATIONAL, "interrupted");
        while (k < 2 && !begins(text, compounds[k].word))
            k++;
        if (k < 2) {
            if (!read_compound(s, b, i, compounds[k].word, &c) || !compounds[k].run(s, &c))
                return false;
            i = c.next;
        } else if (begins(text, "if") || begins(text, "try")) {
            if (!(begins(text, "if") ? run_if : run_try)(s, b, &i))
                return false;
        } else {
            if (!run_simples(s, text, &v))
                return false;
            i++;
        }
    }
    return true;
}

bool shell_run(struct shell *s, const char *text, struct shell_value *out)
{
    struct block b = split(&s->db->arena, text);
    bool is_block = b.n > 1;
    static const char *const words[] = {"for", "if", "with", "try", "while", "def", "class"};
    for (size_t i = 0; b.n && i < sizeof words / sizeof *words; i++)
        is_block = is_block || begins(b.lines[0].text, words[i]);
    *out = (struct shell_value){.kind = SHELL_NOTHING};
    s->printed = NULL; /* memory may have run out in a block */
    if (!is_block)
        return b.n == 0 || run_simples(s, b.lines[0].text, out);
    struct shell_value printed = {.kind = SHELL_LIST, .is_printed = true};
    s->printed = &printed;
    bool good = run_block(s, &b);
    s->printed = NULL;
    if (printed.n)
        *out = printed;
    return good;
}
