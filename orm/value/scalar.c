#include "orm/value/scalar.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "orm/orm.h"

const char *orm_type_name(enum orm_type t)
{
    static const char *const names[] = {"unknown",   "BooleanField", "IntegerField",  "FloatField", "DecimalField",
                                        "CharField", "DateField",    "DateTimeField", "TimeField",  "DurationField",
                                        "UUIDField", "JSONField",    "BinaryField",   "TextField"};
    return names[t];
}

enum orm_type orm_type_of_val(const orm_val *v)
{
    switch (v->tag) {
    case ORM_BOOL: return ORM_T_BOOL;
    case ORM_INT: return ORM_T_INT;
    case ORM_DBL: return ORM_T_FLOAT;
    case ORM_TEXT: return ORM_T_TEXT;
    case ORM_DT: return ORM_T_DATETIME;
    case ORM_DATE: return ORM_T_DATE;
    case ORM_TIME: return ORM_T_TIME;
    case ORM_DEC: return ORM_T_DECIMAL;
    case ORM_DUR: return ORM_T_DURATION;
    case ORM_UUID: return ORM_T_UUID;
    case ORM_JSON: return ORM_T_JSON;
    case ORM_BYTES: return ORM_T_BYTES;
    default: return ORM_T_NONE;
    }
}

/* Howard Hinnant, "chrono-compatible low-level date algorithms". */
int64_t orm_days(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void orm_civil(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

enum { US = 1000000 };
static const int64_t DAY_US = INT64_C(86400) * US;

orm_datetime orm_utc(int year, int month, int day, int hour, int minute, int second)
{
    return (orm_datetime){orm_days(year, month, day) * DAY_US + ((hour * 60 + minute) * INT64_C(60) + second) * US};
}

orm_date orm_day(int year, int month, int day)
{
    return (orm_date){(int32_t)orm_days(year, month, day)};
}

orm_datetime orm_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (orm_datetime){(int64_t)ts.tv_sec * US + ts.tv_nsec / 1000};
}

char *orm_format_date(orm_date d, char out[16])
{
    int y, m, dd;
    orm_civil(d.days, &y, &m, &dd);
    char wide[48]; /* what the compiler must believe possible */
    snprintf(wide, sizeof wide, "%04d-%02d-%02d", y, m, dd);
    memcpy(out, wide, 15);
    out[15] = '\0';
    return out;
}

char *orm_format_time(orm_time t, char out[24])
{
    int s = (int)((t.us / US) % 86400), us = (int)(t.us % US);
    int n = snprintf(out, 24, "%02d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    if (us)
        snprintf(out + n, 24 - (size_t)n, ".%06d", us);
    return out;
}

char *orm_format_datetime(orm_datetime t, char out[33])
{
    int64_t days = t.us / DAY_US, rest = t.us % DAY_US;
    if (rest < 0) {
        rest += DAY_US;
        days--;
    }
    char date[16], time[24];
    snprintf(out, 33, "%s %.15s", orm_format_date((orm_date){(int32_t)days}, date),
             orm_format_time((orm_time){rest}, time));
    return out;
}

char *orm_format_duration(orm_duration d, char out[40])
{
    uint64_t us = d.us < 0 ? 0 - (uint64_t)d.us : (uint64_t)d.us;
    int64_t days = (int64_t)(us / (uint64_t)DAY_US), rest = (int64_t)(us % (uint64_t)DAY_US);
    if (d.us < 0) { /* as Python's timedelta: only the days are negative */
        days = rest ? -days - 1 : -days;
        rest = rest ? DAY_US - rest : 0;
    }
    char clock[24], wide[64];
    orm_format_time((orm_time){rest}, clock);
    if (days)
        snprintf(wide, sizeof wide, "%" PRId64 " %s", days, clock);
    else
        snprintf(wide, sizeof wide, "%s", clock);
    memcpy(out, wide, 39);
    out[39] = '\0';
    return out;
}

/* Two digits; negative when they are not. */
static int two_digits(const char **s)
{
    unsigned tens = (unsigned)((*s)[0] - '0'), ones = tens < 10 ? (unsigned)((*s)[1] - '0') : 10;
    *s += 2;
    return ones < 10 ? (int)(tens * 10 + ones) : -100000;
}

static bool scan_date(const char **at, int64_t *days)
{
    static const signed char month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *s = *at;
    int y = two_digits(&s) * 100;
    y = y < 0 ? y : y + two_digits(&s);
    if (y < 1 || *s++ != '-')
        return false;
    int m = two_digits(&s);
    if (m < 1 || m > 12 || *s++ != '-')
        return false;
    int d = two_digits(&s);
    if (d < 1 || d > month_days[m - 1])
        return false;
    bool is_leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    *days = orm_days(y, m, d);
    *at = s;
    return m != 2 || d < 29 || is_leap;
}

static bool scan_time(const char **s, int64_t *us)
{
    int h = two_digits(s);
    if (h < 0 || h > 23 || *(*s)++ != ':')
        return false;
    int m = two_digits(s), sec = 0;
    if (m < 0 || m > 59)
        return false;
    int64_t fraction = 0;
    if (**s == ':') {
        (*s)++;
        sec = two_digits(s);
        if (sec < 0 || sec > 59)
            return false;
        if (**s == '.') {
            (*s)++;
            int64_t unit = 100000;
            if (**s < '0' || **s > '9')
                return false;
            for (; **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
                fraction += (**s - '0') * unit;
        }
    }
    *us = ((int64_t)h * 3600 + m * 60 + sec) * US + fraction;
    return true;
}

bool orm_read_date(const char *s, orm_date *out)
{
    int64_t days;
    if (!scan_date(&s, &days) || *s != '\0')
        return false;
    out->days = (int32_t)days;
    return true;
}

bool orm_read_time(const char *s, orm_time *out)
{
    return scan_time(&s, &out->us) && *s == '\0';
}

bool orm_read_datetime(const char *s, orm_datetime *out)
{
    int64_t days, us = 0, zone_s = 0;
    if (!scan_date(&s, &days))
        return false;
    if (*s == ' ' || *s == 'T') {
        s++;
        if (!scan_time(&s, &us))
            return false;
        if (*s == 'Z') {
            s++;
        } else if (*s == '+' || *s == '-') {
            int sign = *s++ == '-' ? -1 : 1;
            int h = two_digits(&s), m = 0;
            if (h < 0)
                return false;
            if (*s == ':')
                s++;
            if (*s) {
                m = two_digits(&s);
                if (m < 0)
                    return false;
            }
            zone_s = sign * (h * 3600 + m * 60);
        }
    }
    out->us = days * DAY_US + us - zone_s * US;
    return *s == '\0';
}

bool orm_read_int(const char *s, int64_t *out)
{
    char *end;
    errno = 0;
    while (*s == ' ')
        s++;
    long long v = strtoll(s, &end, 10);
    while (*end == ' ')
        end++;
    *out = v;
    return end != s && *end == '\0' && errno == 0;
}

bool orm_read_duration(const char *s, orm_duration *out)
{
    int64_t total = 0;
    char *end;
    for (;;) {
        while (*s == ' ')
            s++;
        const char *colon = strchr(s, ':');
        long long n = strtoll(s, &end, 10);
        if (end == s)
            return false;
        if (*end == ':') {
            int64_t clock = 0, minute, second = 0, fraction = 0, unit = 100000;
            bool negative = *s == '-';
            minute = strtoll(end + 1, &end, 10);
            if (*end == ':')
                second = strtoll(end + 1, &end, 10);
            if (*end == '.')
                for (end++; *end >= '0' && *end <= '9'; end++, unit /= 10)
                    fraction += (*end - '0') * unit;
            clock = (((n < 0 ? -n : n) * 60 + minute) * 60 + second) * US + fraction;
            out->us = total + (negative ? -clock : clock);
            return *end == '\0' && colon;
        }
        while (*end == ' ')
            end++;
        if (strncmp(end, "day", 3) == 0)
            end += strncmp(end, "days", 4) == 0 ? 4 : 3;
        else if (!colon && *end)
            return false;
        if (__builtin_mul_overflow((int64_t)n, DAY_US, &total))
            return false;
        out->us = total;
        if (*end == ',')
            end++;
        if (*end == '\0')
            return true;
        s = end;
    }
}

bool orm_read_uuid(const char *s, char out[37])
{
    size_t n = 0;
    for (; *s; s++) {
        if (*s == '-' || *s == '{' || *s == '}')
            continue;
        bool digit = *s >= '0' && *s <= '9', lower = *s >= 'a' && *s <= 'f', upper = *s >= 'A' && *s <= 'F';
        if (n == 36 || !(digit || lower || upper))
            return false;
        out[n++] = upper ? (char)(*s - 'A' + 'a') : *s;
        if (n == 8 || n == 13 || n == 18 || n == 23)
            out[n++] = '-';
    }
    out[n < 36 ? n : 36] = '\0';
    return n == 36;
}

static locale_t c_locale(void)
{
    static locale_t c; /* made once; a race makes two of them, which does no harm */
    locale_t now = __atomic_load_n(&c, __ATOMIC_ACQUIRE);
    if (!now) {
        now = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        __atomic_store_n(&c, now, __ATOMIC_RELEASE);
    }
    return now;
}

double orm_strtod(const char *s, size_t n)
{
    char small[400];
    if (n >= sizeof small)
        n = sizeof small - 1;
    memcpy(small, s, n);
    small[n] = '\0';
    return strtod_l(small, NULL, c_locale());
}

bool orm_read_double(const char *s, double *out)
{
    char *end;
    double v = strtod_l(s, &end, c_locale());
    *out = v;
    return end != s && *end == '\0';
}

char *orm_format_double(double d, char out[40])
{
    locale_t before = uselocale(c_locale());
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(out, 40, "%.*g", precision, d);
        if (strtod(out, NULL) == d)
            break;
    }
    uselocale(before);
    if (isfinite(d) && !strpbrk(out, ".e"))
        strcat(out, ".0");
    return out;
}

/* The coefficient as one number, and back; LARGEST is what 28 digits need and the members hold. */
__extension__ typedef __int128 wide;
static const wide LARGEST = (wide)1 << 94;

static wide wide_of(orm_decimal d)
{
    return (wide)d.more * ((wide)1 << 64) + d.coef;
}

static orm_decimal decimal_of(wide v, int exp)
{
    int64_t low = (int64_t)(uint64_t)v;
    return (orm_decimal){.coef = low, .exp = (int8_t)exp, .more = (int32_t)((v - low) / ((wide)1 << 64))};
}

bool orm_read_decimal(const char *s, orm_decimal *out)
{
    bool negative = *s == '-', any = false, point = false;
    if (*s == '-' || *s == '+')
        s++;
    wide coef = 0;
    int exp = 0;
    for (; (*s >= '0' && *s <= '9') || (*s == '.' && !point); s++) {
        if (*s == '.') {
            point = true;
            continue;
        }
        any = true;
        if (coef > (LARGEST - 9) / 10) { /* beyond 28 digits: drop digits behind the point, refuse others */
            if (!point)
                return false;
            continue;
        }
        coef = coef * 10 + (*s - '0');
        exp -= point;
    }
    if (any && (*s == 'e' || *s == 'E')) {
        int64_t e;
        if (!orm_read_int(s + 1, &e) || e < -100 || e > 100)
            return false;
        exp += (int)e;
        s += strlen(s);
    }
    *out = decimal_of(negative ? -coef : coef, exp);
    return any && *s == '\0' && exp >= -120 && exp <= 120;
}

orm_decimal orm_decimal_of_int(int64_t v)
{
    return (orm_decimal){.coef = v};
}

orm_decimal orm_decimal_negate(orm_decimal d)
{
    return decimal_of(-wide_of(d), d.exp);
}

bool orm_same_decimal(orm_decimal a, orm_decimal b)
{
    return a.coef == b.coef && a.more == b.more && a.exp == b.exp;
}

double orm_decimal_to_double(orm_decimal d)
{
    char text[64];
    orm_format_decimal(d, text);
    return orm_strtod(text, strlen(text));
}

char *orm_format_decimal(orm_decimal d, char out[64])
{
    static const char zeros[] = "0000000000000000000000000000000000000000";
    char digits[40], text[160] = "", *raw = digits + sizeof digits;
    bool negative = wide_of(d) < 0;
    wide mag = negative ? -wide_of(d) : wide_of(d);
    *--raw = '\0';
    do
        *--raw = (char)('0' + (int)(mag % 10));
    while ((mag /= 10) > 0);
    int n = (int)strlen(raw), places = -d.exp;
    const char *sign = negative ? "-" : "";
    if (d.exp > 30 || places > 30)
        snprintf(text, sizeof text, "%s%se%d", sign, raw, d.exp);
    else if (d.exp >= 0)
        snprintf(text, sizeof text, "%s%s%.*s", sign, raw, (int)d.exp, zeros);
    else if (places >= n)
        snprintf(text, sizeof text, "%s0.%.*s%s", sign, places - n, zeros, raw);
    else
        snprintf(text, sizeof text, "%s%.*s.%s", sign, n - places, raw, raw + n - places);
    memcpy(out, text, 63);
    out[63] = '\0';
    return out;
}

bool orm_quantize(orm_decimal d, int places, orm_decimal *out)
{
    wide c = wide_of(d);
    bool negative = c < 0;
    int exp = d.exp;
    for (; exp > -places; exp--) {
        c *= 10;
        if (c > LARGEST || c < -LARGEST)
            return false;
    }
    bool sticky = false; /* something non-zero was dropped behind the last digit */
    int last = 0;
    for (; exp < -places; exp++) {
        sticky = sticky || last != 0;
        last = (int)(negative ? -(c % 10) : c % 10);
        c /= 10;
    }
    if (last > 5 || (last == 5 && (sticky || c % 2 != 0)))
        c += negative ? -1 : 1;
    *out = decimal_of(c, -places);
    return true;
}
