#include "reports/words.h"

#include <inttypes.h>
#include <string.h>

#include "reports/text/page.h"

const struct n1_rule_words n1_rule_words[N1_KINDS] = {
    [N1_KIND_N_PLUS_ONE] =
        {
            .name = "NPlusOneQuery",
            .title = "N+1 queries",
            .summary = "A query runs once for each row of another query.",
            .meaning =
                "One query returned rows, and for each of those rows the program ran one more query with a value "
                "taken from that row. The number of queries grows with the data: what takes 11 queries on a "
                "developer's ten rows takes 10 001 on the customer's ten thousand, each with its own round trip.",
            .mend = "Fetch what the loop needs together with the rows: join the child when each parent row has one "
                    "(select_related), load the children of all parents with one IN query when each has many "
                    "(prefetch_related), or compute the aggregate in the parent query (annotate).",
            .example = "| stack | each row has one | each row has many |\n"
                       "| --- | --- | --- |\n"
                       "| Django | `select_related(\"author\")` | `prefetch_related(\"comments\")` |\n"
                       "| SQLAlchemy | `joinedload(Post.author)` | `selectinload(Post.comments)` |\n"
                       "| Rails | `includes(:author)` | `includes(:comments)` |\n"
                       "| Laravel | `with('author')` | `with('comments')` |\n"
                       "| SQL | `JOIN author ON author.id = post.author_id` | `WHERE post_id IN (?, ?, ?)` |\n",
        },
    [N1_KIND_QUERY_LOOP] =
        {
            .name = "QueryInLoop",
            .title = "A query in a loop",
            .summary = "One reading query runs again and again from one place with changing parameters.",
            .meaning = "The same query was run from one place many times with different parameters, and no query was "
                       "found whose rows supplied them: the keys may come from a file, a request or a computation. "
                       "Each execution costs a round trip.",
            .mend = "Collect the keys first and fetch all of them with one query over IN (...), in chunks when they "
                    "are very many.",
            .example = "| stack | instead of one query a key |\n"
                       "| --- | --- |\n"
                       "| Django | `Book.objects.in_bulk(ids)` |\n"
                       "| SQLAlchemy | `select(Book).where(Book.id.in_(ids))` |\n"
                       "| Rails | `Book.where(id: ids).index_by(&:id)` |\n"
                       "| Laravel | `Book::findMany($ids)` |\n"
                       "| SQL | `WHERE id IN (?, ?, ?)`; PostgreSQL: `WHERE id = ANY($1)` |\n",
        },
    [N1_KIND_DUPLICATE_QUERY] =
        {
            .name = "DuplicateQuery",
            .title = "The same query again and again",
            .summary = "The same statement runs with the same parameters repeatedly in one stretch of work.",
            .meaning =
                "Text, parameters and result were the same each time. All but the first execution told the program "
                "what it already knew.",
            .mend =
                "Ask once and keep the answer: hoist the query out of the loop, pass the object instead of its key, or "
                "cache it for the length of the request.",
            .example = "| stack | ask once |\n"
                       "| --- | --- |\n"
                       "| Django | evaluate the queryset into a variable; `@cached_property` |\n"
                       "| SQLAlchemy | `session.get()` answers from the identity map |\n"
                       "| Rails | memoize: `@settings ||= Settings.first` |\n"
                       "| any | move the query in front of the loop |\n",
        },
    [N1_KIND_WRITE_LOOP] =
        {
            .name = "WriteInLoop",
            .title = "Writes one row at a time",
            .summary = "INSERT, UPDATE or DELETE runs once for each row in a loop.",
            .meaning =
                "Rows were written one statement each. Every statement is a round trip and, outside a transaction, a "
                "commit with its wait for the disk.",
            .mend = "Write the rows together: one INSERT with many rows, one UPDATE or DELETE with a condition that "
                    "holds for "
                    "all of them.",
            .example =
                "| stack | write together |\n"
                "| --- | --- |\n"
                "| Django | `bulk_create(objects)`, `bulk_update(objects, fields)`, `filter(...).update(...)` |\n"
                "| SQLAlchemy | `session.execute(insert(Book), rows)` |\n"
                "| Rails | `insert_all(rows)`, `update_all(...)` |\n"
                "| Laravel | `Book::insert($rows)`, `upsert(...)` |\n"
                "| SQL | `INSERT ... VALUES (?, ?), (?, ?)`; `UPDATE ... WHERE id IN (?, ?)` |\n",
        },
    [N1_KIND_READ_MODIFY_WRITE] =
        {
            .name = "ReadModifyWrite",
            .title = "A lost-update risk",
            .summary = "A value is read into the program and written back changed to the same row.",
            .meaning =
                "Between the read and the write another session may change the row; its change is then overwritten "
                "without anybody noticing.",
            .mend = "Let the database compute the new value (SET x = x + ?), or lock the row while reading it (SELECT "
                    "... FOR "
                    "UPDATE), or check a version column when writing.",
            .example = "| stack | let the database compute |\n"
                       "| --- | --- |\n"
                       "| Django | `update(stock=F(\"stock\") - 1)` or `select_for_update()` |\n"
                       "| SQLAlchemy | `update(Item).values(stock=Item.stock - 1)` or `with_for_update()` |\n"
                       "| Rails | `Item.update_counters(id, stock: -1)` or `lock!` |\n"
                       "| Laravel | `decrement('stock')` or `lockForUpdate()` |\n"
                       "| SQL | `UPDATE item SET stock = stock - 1 WHERE id = ?` |\n",
        },
};

const char *n1_words_s(uint64_t n)
{
    return n == 1 ? "" : "s";
}

void n1_words_sentence(GString *out, const char *text)
{
    if (!text || !*text)
        return;
    if (out->len > 0 && !g_ascii_isspace(out->str[out->len - 1]))
        g_string_append_c(out, ' ');
    g_string_append_printf(out, "%s%s", text, strchr(".!?:\n", text[strlen(text) - 1]) ? "" : ".");
}

void n1_words_saving(GString *out, const struct n1_finding *f)
{
    const struct n1_suggestion *s = &f->suggestion;
    if (s->queries_before > s->queries_after)
        g_string_append_printf(out, "%" PRIu64 " quer%s where %" PRIu64 " would do", s->queries_before,
                               s->queries_before == 1 ? "y" : "ies", s->queries_after);
    else
        g_string_append_printf(out, "%" PRIu64 " execution%s of one query that need%s a look", f->evidence.executions,
                               n1_words_s(f->evidence.executions), f->evidence.executions == 1 ? "s" : "");
}

/* "table.column", or as much of it as is known. */
static void append_column(GString *out, const char *table, const char *column)
{
    g_string_append_printf(out, "%s%s%s", table ? table : "", table ? "." : "", column);
}

static void proof_by_values(GString *out, const struct n1_finding *f)
{
    const struct n1_evidence *e = &f->evidence;
    uint64_t of = MAX(e->matched_parameters, e->distinct_parameters);
    g_string_append_printf(out, "%" PRIu64 " of %" PRIu64 " different %s ", e->matched_parameters, of,
                           n1_noun(of, "parameter is a value of", "parameters are values of"));
    if (f->has_link && f->link.parent_column)
        append_column(out, f->link.parent_table, f->link.parent_column);
    else
        g_string_append(out, "a column");
    g_string_append_printf(out, " in the %" PRIu64 " %s that the first query returned%s%s.", e->parent_rows,
                           n1_noun(e->parent_rows, "row", "rows"), e->in_order ? ", in the same order" : "",
                           e->within_cursor ? ", while those rows were still being read" : "");
    if (!f->has_link || !f->link.child_column)
        return;
    g_string_append_printf(out, " %s ", n1_noun(of, "It looks up", "They look up"));
    append_column(out, f->link.child_table, f->link.child_column);
    g_string_append_c(out, '.');
}

static void proof_by_count(GString *out, const struct n1_evidence *e)
{
    g_string_append_printf(out, "%" PRIu64 " %s", e->executions, n1_noun(e->executions, "execution", "executions"));
    if (e->executions > 1 && e->distinct_parameters == 1)
        g_string_append(out, " with the same parameters");
    else if (e->executions > 1 && e->distinct_parameters > 1)
        g_string_append_printf(out, " with %" PRIu64 " different sets of parameters", e->distinct_parameters);
    g_string_append_c(out, '.');
}

void n1_words_proof(GString *out, const struct n1_finding *f)
{
    const struct n1_evidence *e = &f->evidence;
    if (f->has_parent && e->matched_parameters > 0)
        proof_by_values(out, f);
    else
        proof_by_count(out, e);
    if (e->same_call_path && e->executions > 1)
        g_string_append(out, " All come from one call path.");
    if (e->processes > 1 || e->threads > 1)
        g_string_append_printf(out, " They spread over %u %s and %u %s.", e->processes,
                               n1_noun(e->processes, "process", "processes"), e->threads,
                               n1_noun(e->threads, "thread", "threads"));
}

void n1_words_totals(GString *out, const struct n1_report *r)
{
    char database[32], whole[32];
    n1_page_duration(database, r->totals.db_time_ns);
    n1_page_duration(whole, r->duration_ns);
    g_string_append_printf(out, "%" PRIu64 " statement%s (%" PRIu64 " different), %" PRIu64 " row%s, ",
                           r->totals.statements, n1_words_s(r->totals.statements), r->totals.fingerprints,
                           r->totals.rows, n1_words_s(r->totals.rows));
    if (r->totals.failed > 0)
        g_string_append_printf(out, "%" PRIu64 " failed, ", r->totals.failed);
    g_string_append_printf(out, "%s in the database of %s in all", database, whole);
}

size_t n1_words_open_findings(const struct n1_report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_findings; i++)
        n += !r->finding[i].is_suppressed;
    return n;
}

void n1_words_verdict(GString *out, const struct n1_report *r)
{
    size_t open = n1_words_open_findings(r);
    if (open > 0)
        g_string_append_printf(out, "%zu finding%s in %" PRIu64 " statement%s", open, n1_words_s(open),
                               r->totals.statements, n1_words_s(r->totals.statements));
    else if (r->totals.statements == 0)
        g_string_append_printf(out, "no database call was recorded%s",
                               r->is_complete ? "" : ", and the recording is not complete");
    else if (!r->is_complete)
        g_string_append(out, "no N+1 queries found in what was recorded, which is not all");
    else
        g_string_append_printf(out, "no N+1 queries found in %" PRIu64 " statement%s", r->totals.statements,
                               n1_words_s(r->totals.statements));
}

void n1_words_losses(GString *out, const struct n1_report *r)
{
    if (r->is_complete)
        return;
    g_string_append(out, "the recording is not complete");
    for (size_t i = 0; i < r->n_warnings; i++)
        g_string_append_printf(out, "%s%s",
                               i == 0                            ? ": "
                               : g_str_has_suffix(out->str, ".") ? " "
                                                                 : "; ",
                               r->warning[i]);
}

int n1_words_signal(int exit_status)
{
    enum { BASE = 128, LAST_SIGNAL = 64 };
    return exit_status > BASE && exit_status <= BASE + LAST_SIGNAL ? exit_status - BASE : 0;
}
