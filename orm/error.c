#include <stdio.h>

#include "orm/base.h"
#include "orm/orm.h"

static const char *const status_names[] = {
    [ORM_OK] = "OK",
    [ORM_DOES_NOT_EXIST] = "DoesNotExist",
    [ORM_MULTIPLE_OBJECTS] = "MultipleObjectsReturned",
    [ORM_FIELD_ERROR] = "FieldError",
    [ORM_VALUE_ERROR] = "ValueError",
    [ORM_TYPE_ERROR] = "TypeError",
    [ORM_INTEGRITY] = "IntegrityError",
    [ORM_PROTECTED] = "ProtectedError",
    [ORM_NOT_SUPPORTED] = "NotSupportedError",
    [ORM_TRANSACTION] = "TransactionManagementError",
    [ORM_OPERATIONAL] = "OperationalError",
    [ORM_SYNTAX] = "SyntaxError",
    [ORM_NOMEM] = "MemoryError",
    [ORM_ASSERTION] = "AssertionError",
    [ORM_ATTRIBUTE] = "AttributeError",
    [ORM_NAME] = "NameError",
    [ORM_INDEX] = "IndexError",
    [ORM_KEY] = "KeyError",
    [ORM_RELATED_DOES_NOT_EXIST] = "RelatedObjectDoesNotExist",
    [ORM_DATA] = "DataError",
    [ORM_PROGRAMMING] = "ProgrammingError",
    [ORM_RESTRICTED] = "RestrictedError",
    [ORM_VALIDATION] = "ValidationError",
    [ORM_NOT_IMPLEMENTED] = "NotImplementedError",
    [ORM_OVERFLOW] = "OverflowError",
    [ORM_FIELD_DOES_NOT_EXIST] = "FieldDoesNotExist",
    [ORM_DATABASE] = "DatabaseError",
};

const char *orm_status_name(orm_status s)
{
    return (unsigned)s < sizeof status_names / sizeof *status_names ? status_names[s] : "Error";
}

bool orm_fail(struct orm_error *e, orm_status status, const char *fmt, ...)
{
    if (e->status != ORM_OK)
        return false;
    e->status = status;
    e->sqlstate[0] = '\0';
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->message, sizeof e->message, fmt, ap);
    va_end(ap);
    return false;
}

/* The caret's line: tabs and newlines of the text become spaces, so that one column is one byte; a long text is cut to
   a window around the place. */
static void append_caret(struct orm_error *e, const char *text, size_t pos)
{
    enum { WINDOW = 110, BEFORE = 70 };
    size_t len = strlen(text), from = 0, n = len;
    if (pos > len)
        pos = len;
    if (len > WINDOW) {
        from = pos > BEFORE ? pos - BEFORE : 0;
        while (from > 0 && ((unsigned char)text[from] & 0xC0) == 0x80)
            from--;
        n = len - from > WINDOW ? WINDOW : len - from;
    }
    char line[WINDOW + 1], caret[WINDOW + 8];
    for (size_t i = 0; i < n; i++)
        line[i] = (unsigned char)text[from + i] < ' ' ? ' ' : text[from + i];
    line[n] = '\0';
    size_t columns = 0;
    for (size_t i = 0; i < pos - from; i++)
        if (((unsigned char)text[from + i] & 0xC0) != 0x80)
            caret[columns++] = ' ';
    caret[columns++] = '^';
    caret[columns] = '\0';
    size_t used = strlen(e->message);
    snprintf(e->message + used, sizeof e->message - used, "\n    %s\n    %s", line, caret);
}

bool orm_fail_at(struct orm_error *e, orm_status status, const char *text, size_t pos, const char *fmt, ...)
{
    if (e->status != ORM_OK)
        return false;
    e->status = status;
    e->sqlstate[0] = '\0';
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->message, sizeof e->message - 300, fmt, ap);
    va_end(ap);
    if (text)
        append_caret(e, text, pos);
    return false;
}
