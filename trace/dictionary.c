#include "trace/dictionary.h"

#include <glib.h>

#include "trace/cursor.h"
#include "trace/table.h"

struct frame_entry {
    enum n1_language language;
    uint32_t line;
    const char *function, *file;
};

/* Packed, because a program may have millions: found by id through a table of positions. */
struct stack_entry {
    const uint8_t *payload;
    uint32_t size_bytes;
    uint32_t modules_before; /* how many MODULE entries stood before it */
};

/* Stacks that stay resolved; when there are more, all of them are forgotten. */
enum { RESOLVED_MAX = 4096 };

struct n1_dictionary {
    GStringChunk *strings;
    GHashTable *sql, *columns, *frame, *connection, *string; /* id → entry */
    struct n1_table stack;                                   /* id → position in stacks + 1 */
    GArray *stacks;                                          /* struct stack_entry */
    GHashTable *resolved;                                    /* stack id → struct n1_raw_stack */
    GPtrArray *modules;                                      /* struct n1_module, in file order */
    GArray *clock;                                           /* struct n1_clock_pair */
    struct n1_process_entry process;
    struct n1_dictionary *parent;
};

static GHashTable *id_table(GDestroyNotify free_entry)
{
    return g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_entry);
}

static void free_columns(gpointer entry)
{
    struct n1_columns *columns = entry;
    g_free((gpointer)columns->column);
    g_free(columns);
}

static void free_raw_stack(gpointer entry)
{
    struct n1_raw_stack *stack = entry;
    g_free((gpointer)stack->frame);
    g_free(stack);
}

struct n1_dictionary *n1_dictionary_new(void)
{
    struct n1_dictionary *dict = g_new0(struct n1_dictionary, 1);
    dict->strings = g_string_chunk_new(1024);
    dict->sql = id_table(g_free);
    dict->columns = id_table(free_columns);
    dict->frame = id_table(g_free);
    dict->stacks = g_array_new(FALSE, FALSE, sizeof(struct stack_entry));
    dict->connection = id_table(g_free);
    dict->string = id_table(NULL);
    dict->resolved = id_table(free_raw_stack);
    dict->modules = g_ptr_array_new_with_free_func(g_free);
    dict->clock = g_array_new(FALSE, FALSE, sizeof(struct n1_clock_pair));
    return dict;
}

void n1_dictionary_free(struct n1_dictionary *dict)
{
    if (!dict)
        return;
    g_hash_table_destroy(dict->sql);
    g_hash_table_destroy(dict->columns);
    g_hash_table_destroy(dict->frame);
    n1_table_release(&dict->stack);
    g_array_free(dict->stacks, TRUE);
    g_hash_table_destroy(dict->connection);
    g_hash_table_destroy(dict->string);
    g_hash_table_destroy(dict->resolved);
    g_ptr_array_free(dict->modules, TRUE);
    g_array_free(dict->clock, TRUE);
    g_string_chunk_free(dict->strings);
    g_free((gpointer)dict->process.argv);
    g_free(dict);
}

void n1_dictionary_inherit(struct n1_dictionary *dict, struct n1_dictionary *parent)
{
    dict->parent = parent;
}

/* ---- reading entries --------------------------------------------------------------------------------------------- */

static const char *get_string(struct n1_dictionary *dict, struct n1_cursor *in)
{
    size_t size;
    const uint8_t *bytes = n1_get_bytes(in, &size);
    return g_string_chunk_insert_len(dict->strings, (const char *)bytes, (gssize)size);
}

static uint32_t get_id(struct n1_cursor *in)
{
    uint64_t v = n1_get_varint(in);
    if (v == 0 || v > UINT32_MAX)
        in->is_bad = true;
    return in->is_bad ? 0 : (uint32_t)v;
}

static uint32_t get_u32(struct n1_cursor *in)
{
    uint64_t v = n1_get_varint(in);
    return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static bool keep(struct n1_cursor *in, GHashTable *table, uint32_t id, gpointer entry)
{
    if (in->is_bad) {
        g_free(entry);
        return false;
    }
    g_hash_table_insert(table, GUINT_TO_POINTER(id), entry);
    return true;
}

static bool add_process(struct n1_dictionary *dict, struct n1_cursor *in)
{
    struct n1_process_entry p = {.is_present = true};
    p.pid = get_u32(in);
    p.ppid = get_u32(in);
    p.clock = (enum n1_clock)get_u32(in);
    p.flags = get_u32(in);
    p.start_tick = n1_get_varint(in);
    p.start_realtime_ns = n1_get_varint(in);
    p.executable = get_string(dict, in);
    p.working_directory = get_string(dict, in);
    uint64_t argc = n1_get_varint(in);
    if (in->is_bad || argc > (uint64_t)(in->end - in->at))
        return false;
    const char **argv = g_new0(const char *, argc + 1);
    for (uint64_t i = 0; i < argc; i++)
        argv[i] = get_string(dict, in);
    p.argc = (size_t)argc;
    p.argv = argv;
    p.forked_from = get_string(dict, in);
    p.inherited_sql = get_u32(in);
    p.inherited_frame = get_u32(in);
    p.inherited_stack = get_u32(in);
    p.inherited_connection = get_u32(in);
    p.inherited_string = get_u32(in);
    if (in->is_bad || dict->process.is_present) {
        g_free(argv);
        return !in->is_bad;
    }
    dict->process = p;
    return true;
}

static bool add_module(struct n1_dictionary *dict, struct n1_cursor *in)
{
    struct n1_module *m = g_new0(struct n1_module, 1);
    m->id = get_id(in);
    m->start = n1_get_varint(in);
    m->end = n1_get_varint(in);
    m->bias = n1_get_varint(in);
    n1_get_varint(in); /* generation: the order of entries says the same */
    size_t size;
    m->build_id = n1_get_bytes(in, &size);
    m->build_id_bytes = (uint32_t)size;
    m->path = get_string(dict, in);
    if (in->is_bad) {
        g_free(m);
        return false;
    }
    g_ptr_array_add(dict->modules, m);
    return true;
}

static bool add_sql(struct n1_dictionary *dict, struct n1_cursor *in)
{
    struct n1_sql_text *sql = g_new0(struct n1_sql_text, 1);
    sql->id = get_id(in);
    sql->dialect = (enum n1_dialect)get_u32(in);
    sql->flags = get_u32(in);
    sql->hash = n1_get_u64(in);
    size_t size;
    const uint8_t *text = n1_get_bytes(in, &size);
    sql->text = g_string_chunk_insert_len(dict->strings, (const char *)text, (gssize)size);
    sql->text_bytes = size;
    sql->comment = get_string(dict, in);
    sql->has_literal_mask = !in->is_bad && in->end - in->at >= 8;
    if (sql->has_literal_mask)
        sql->literal_mask = n1_get_u64(in);
    return keep(in, dict->sql, sql->id, sql);
}

static bool add_columns(struct n1_dictionary *dict, struct n1_cursor *in)
{
    uint32_t sql = get_id(in);
    uint64_t count = n1_get_varint(in);
    if (in->is_bad || count > (uint64_t)(in->end - in->at))
        return false;
    struct n1_columns *columns = g_new0(struct n1_columns, 1);
    struct n1_column *column = g_new0(struct n1_column, count ? count : 1);
    for (uint64_t i = 0; i < count; i++) {
        column[i].name = get_string(dict, in);
        column[i].table = get_string(dict, in);
        column[i].origin = get_string(dict, in);
        column[i].flags = get_u32(in);
    }
    columns->count = (uint32_t)count;
    columns->column = column;
    if (in->is_bad) {
        free_columns(columns);
        return false;
    }
    g_hash_table_insert(dict->columns, GUINT_TO_POINTER(sql), columns);
    return true;
}

static bool add_frame(struct n1_dictionary *dict, struct n1_cursor *in)
{
    struct frame_entry *frame = g_new0(struct frame_entry, 1);
    uint32_t id = get_id(in);
    frame->language = (enum n1_language)get_u32(in);
    frame->line = get_u32(in);
    frame->function = get_string(dict, in);
    frame->file = get_string(dict, in);
    return keep(in, dict->frame, id, frame);
}

static bool add_stack(struct n1_dictionary *dict, struct n1_cursor *in)
{
    uint32_t id = get_id(in);
    struct stack_entry stack = {in->at, (uint32_t)(in->end - in->at), dict->modules->len};
    if (in->is_bad)
        return false;
    g_array_append_val(dict->stacks, stack);
    n1_table_put(&dict->stack, id, GSIZE_TO_POINTER(dict->stacks->len));
    return true;
}

static bool add_connection(struct n1_dictionary *dict, struct n1_cursor *in)
{
    struct n1_connection *c = g_new0(struct n1_connection, 1);
    c->id = get_id(in);
    c->dialect = (enum n1_dialect)get_u32(in);
    c->database = get_string(dict, in);
    c->host = get_string(dict, in);
    c->port = get_string(dict, in);
    return keep(in, dict->connection, c->id, c);
}

static bool add_clock(struct n1_dictionary *dict, struct n1_cursor *in)
{
    struct n1_clock_pair pair = {n1_get_varint(in), n1_get_varint(in)};
    if (!in->is_bad)
        g_array_append_val(dict->clock, pair);
    return !in->is_bad;
}

static bool add_string(struct n1_dictionary *dict, struct n1_cursor *in)
{
    uint32_t id = get_id(in);
    const char *text = get_string(dict, in);
    if (!in->is_bad)
        g_hash_table_insert(dict->string, GUINT_TO_POINTER(id), (gpointer)text);
    return !in->is_bad;
}

typedef bool (*adder)(struct n1_dictionary *, struct n1_cursor *);
static const adder ADDERS[N1_CHUNK_KINDS] = {
    [N1_CHUNK_PROCESS] = add_process,       [N1_CHUNK_MODULE] = add_module, [N1_CHUNK_SQL] = add_sql,
    [N1_CHUNK_COLUMNS] = add_columns,       [N1_CHUNK_FRAME] = add_frame,   [N1_CHUNK_STACK] = add_stack,
    [N1_CHUNK_CONNECTION] = add_connection, [N1_CHUNK_CLOCK] = add_clock,   [N1_CHUNK_STRING] = add_string,
};

bool n1_dictionary_add(struct n1_dictionary *dict, uint16_t kind, const uint8_t *payload, size_t size_bytes)
{
    if (kind >= N1_CHUNK_KINDS || !ADDERS[kind])
        return true;
    struct n1_cursor in = {payload, payload + size_bytes, false};
    return ADDERS[kind](dict, &in);
}

/* ---- look-ups ---------------------------------------------------------------------------------------------------- */

const struct n1_process_entry *n1_dictionary_process(const struct n1_dictionary *dict)
{
    return &dict->process;
}

bool n1_dictionary_clock(const struct n1_dictionary *dict, struct n1_clock_pair *first, struct n1_clock_pair *last)
{
    if (dict->clock->len < 2)
        return false;
    *first = g_array_index(dict->clock, struct n1_clock_pair, 0);
    *last = g_array_index(dict->clock, struct n1_clock_pair, dict->clock->len - 1);
    return last->tick > first->tick;
}

const struct n1_sql_text *n1_dictionary_sql(const struct n1_dictionary *dict, uint32_t id)
{
    const struct n1_sql_text *sql = g_hash_table_lookup(dict->sql, GUINT_TO_POINTER(id));
    if (!sql && dict->parent && id <= dict->process.inherited_sql)
        return n1_dictionary_sql(dict->parent, id);
    return sql;
}

const struct n1_columns *n1_dictionary_columns(const struct n1_dictionary *dict, uint32_t sql)
{
    const struct n1_columns *columns = g_hash_table_lookup(dict->columns, GUINT_TO_POINTER(sql));
    if (!columns && dict->parent && sql <= dict->process.inherited_sql)
        return n1_dictionary_columns(dict->parent, sql);
    return columns;
}

const struct n1_connection *n1_dictionary_connection(const struct n1_dictionary *dict, uint32_t id)
{
    const struct n1_connection *c = g_hash_table_lookup(dict->connection, GUINT_TO_POINTER(id));
    if (!c && dict->parent && id <= dict->process.inherited_connection)
        return n1_dictionary_connection(dict->parent, id);
    return c;
}

const char *n1_dictionary_string(const struct n1_dictionary *dict, uint32_t id)
{
    const char *text = g_hash_table_lookup(dict->string, GUINT_TO_POINTER(id));
    if (!text && dict->parent && id <= dict->process.inherited_string)
        return n1_dictionary_string(dict->parent, id);
    return text;
}

static const struct frame_entry *find_frame(const struct n1_dictionary *dict, uint32_t id)
{
    const struct frame_entry *frame = g_hash_table_lookup(dict->frame, GUINT_TO_POINTER(id));
    if (!frame && dict->parent && id <= dict->process.inherited_frame)
        return find_frame(dict->parent, id);
    return frame;
}

/* The newest of the first `count` modules that covers the address, then the parent's. */
static const struct n1_module *find_module(const struct n1_dictionary *dict, guint count, uint64_t address)
{
    for (guint i = count; i-- > 0;) {
        const struct n1_module *m = g_ptr_array_index(dict->modules, i);
        if (address >= m->start && address < m->end)
            return m;
    }
    return dict->parent ? find_module(dict->parent, dict->parent->modules->len, address) : NULL;
}

static struct n1_raw_stack *resolve(const struct n1_dictionary *dict, uint32_t id, const struct stack_entry *entry)
{
    struct n1_cursor in = {entry->payload, entry->payload + entry->size_bytes, false};
    uint64_t count = n1_get_varint(&in);
    if (in.is_bad || count > entry->size_bytes)
        count = 0;
    struct n1_raw_frame *frame = g_new0(struct n1_raw_frame, count ? count : 1);
    uint32_t n = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t word = n1_get_varint(&in);
        if (in.is_bad)
            break;
        struct n1_raw_frame *f = &frame[n++];
        if (!(word & 1)) {
            f->address = word >> 1;
            f->module = find_module(dict, entry->modules_before, f->address);
            continue;
        }
        const struct frame_entry *script = find_frame(dict, (uint32_t)(word >> 1));
        f->language = script ? script->language : N1_LANGUAGE_C;
        f->line = script ? script->line : 0;
        f->function = script ? script->function : NULL;
        f->file = script ? script->file : NULL;
    }
    struct n1_raw_stack *stack = g_new0(struct n1_raw_stack, 1);
    stack->id = id;
    stack->count = n;
    stack->frame = frame;
    return stack;
}

const struct n1_raw_stack *n1_dictionary_stack(struct n1_dictionary *dict, uint32_t id)
{
    const struct n1_raw_stack *known = g_hash_table_lookup(dict->resolved, GUINT_TO_POINTER(id));
    if (known)
        return known;
    gsize at = GPOINTER_TO_SIZE(n1_table_get(&dict->stack, id));
    if (at == 0) {
        bool is_inherited = dict->parent && id <= dict->process.inherited_stack;
        return is_inherited ? n1_dictionary_stack(dict->parent, id) : NULL;
    }
    if (g_hash_table_size(dict->resolved) >= RESOLVED_MAX)
        g_hash_table_remove_all(dict->resolved);
    struct n1_raw_stack *stack = resolve(dict, id, &g_array_index(dict->stacks, struct stack_entry, at - 1));
    g_hash_table_insert(dict->resolved, GUINT_TO_POINTER(id), stack);
    return stack;
}
