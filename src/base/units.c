/* units.c - one table of units; everything else here looks things up in it.
 *
 * A text is brought into the table's form first: spaces around / go, "y" and "year" become
 * "a", a currency becomes $, a qualifier ("t oxide/a", "kt_metal") is taken out and kept.
 */
#include "base/units.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define MONTHS_PER_YEAR 12.0
#define MONTHS_PER_DAY (12.0 / 365.25)
#define LONGEST_UNIT 63

/* What may be written; the first of a factor is what messages offer.  $ is a currency. */
static const struct {
    const char *text;
    unit_kind kind;
    double factor;
} known[] = {
    {"t", UNIT_MASS, 1},
    {"kt", UNIT_MASS, 1e3},
    {"Mt", UNIT_MASS, 1e6},
    {"kg", UNIT_MASS, 1e-3},
    {"g", UNIT_MASS, 1e-6},

    {"t/a", UNIT_MASS_PER_TIME, 1 / MONTHS_PER_YEAR},
    {"t/month", UNIT_MASS_PER_TIME, 1},
    {"t/day", UNIT_MASS_PER_TIME, 1 / MONTHS_PER_DAY},
    {"kt/a", UNIT_MASS_PER_TIME, 1e3 / MONTHS_PER_YEAR},
    {"kt/month", UNIT_MASS_PER_TIME, 1e3},
    {"Mt/a", UNIT_MASS_PER_TIME, 1e6 / MONTHS_PER_YEAR},
    {"Mt/month", UNIT_MASS_PER_TIME, 1e6},
    {"kg/a", UNIT_MASS_PER_TIME, 1e-3 / MONTHS_PER_YEAR},
    {"kg/month", UNIT_MASS_PER_TIME, 1e-3},
    {"kg/day", UNIT_MASS_PER_TIME, 1e-3 / MONTHS_PER_DAY},

    {"$/t", UNIT_PRICE, 1},
    {"$/kg", UNIT_PRICE, 1e3},
    {"$/g", UNIT_PRICE, 1e6},
    {"$/kt", UNIT_PRICE, 1e-3},
    {"k$/t", UNIT_PRICE, 1e3},

    {"share", UNIT_SHARE, 1},
    {"%", UNIT_SHARE, 0.01},
    {"1", UNIT_SHARE, 1},
    {"percent", UNIT_SHARE, 0.01},

    {"t/t", UNIT_RATIO, 1},
    {"kg/t", UNIT_RATIO, 1e-3},
    {"g/t", UNIT_RATIO, 1e-6},
    {"kg/kg", UNIT_RATIO, 1},
    {"g/kg", UNIT_RATIO, 1e-3},
    {"ratio", UNIT_RATIO, 1},
    {"1", UNIT_RATIO, 1},
    {"%", UNIT_RATIO, 0.01},

    {"month", UNIT_DURATION, 1},
    {"day", UNIT_DURATION, MONTHS_PER_DAY},
    {"week", UNIT_DURATION, 7 * MONTHS_PER_DAY},
    {"a", UNIT_DURATION, MONTHS_PER_YEAR},

    {"1/a", UNIT_RATE, 1 / MONTHS_PER_YEAR},
    {"1/month", UNIT_RATE, 1},
    {"%/a", UNIT_RATE, 0.01 / MONTHS_PER_YEAR},
    {"%/month", UNIT_RATE, 0.01},
    {"share/a", UNIT_RATE, 1 / MONTHS_PER_YEAR},
    {"share/month", UNIT_RATE, 1},

    {"$", UNIT_MONEY, 1},
    {"k$", UNIT_MONEY, 1e3},
    {"M$", UNIT_MONEY, 1e6},
    {"B$", UNIT_MONEY, 1e9},
    {"G$", UNIT_MONEY, 1e9},

    {"$/(t/a)", UNIT_MONEY_PER_CAPACITY, MONTHS_PER_YEAR},
    {"$/(kg/a)", UNIT_MONEY_PER_CAPACITY, 1e3 * MONTHS_PER_YEAR},
    {"$/(t/month)", UNIT_MONEY_PER_CAPACITY, 1},
    {"k$/(t/a)", UNIT_MONEY_PER_CAPACITY, 1e3 * MONTHS_PER_YEAR},
    {"M$/(kt/a)", UNIT_MONEY_PER_CAPACITY, 1e3 * MONTHS_PER_YEAR},

    {"$/a", UNIT_MONEY_PER_TIME, 1 / MONTHS_PER_YEAR},
    {"$/month", UNIT_MONEY_PER_TIME, 1},
    {"k$/a", UNIT_MONEY_PER_TIME, 1e3 / MONTHS_PER_YEAR},
    {"M$/a", UNIT_MONEY_PER_TIME, 1e6 / MONTHS_PER_YEAR},
    {"M$/month", UNIT_MONEY_PER_TIME, 1e6},
    {"B$/a", UNIT_MONEY_PER_TIME, 1e9 / MONTHS_PER_YEAR},

    {"deg", UNIT_ANGLE, 1},

    {"number", UNIT_NUMBER, 1},
    {"1", UNIT_NUMBER, 1},
    {"thousand", UNIT_NUMBER, 1e3},
    {"million", UNIT_NUMBER, 1e6},

    {"$/$", UNIT_CURRENCY_RATE, 1},

    {"index", UNIT_INDEX, 1},

    {"km", UNIT_DISTANCE, 1},

    {"$/(t*km)", UNIT_TRANSPORT_COST, 1},
    {"$/t/km", UNIT_TRANSPORT_COST, 1},
};

/* Other ways to write a word of the table. */
static const char *const same_word[][2] = {
    {"y", "a"},          {"yr", "a"},           {"year", "a"},  {"years", "a"},   {"annum", "a"},
    {"months", "month"}, {"mo", "month"},       {"d", "day"},   {"days", "day"},  {"weeks", "week"},
    {"tonne", "t"},      {"tonnes", "t"},       {"tpa", "t/a"}, {"ktpa", "kt/a"}, {"degree", "deg"},
    {"degrees", "deg"},  {"numbers", "number"},
};

/* ISO 4217 */
static const char *const currencies[] = {
    "USD", "EUR", "CNY", "JPY", "KRW", "GBP", "AUD", "CAD", "INR", "BRL", "RUB",
    "MYR", "VND", "THB", "SGD", "TWD", "HKD", "CHF", "SEK", "NOK", "DKK", "PLN",
    "CZK", "ZAR", "NAD", "TZS", "MGA", "MWK", "AOA", "KZT", "MMK", "LAK", "IDR",
    "PHP", "SAR", "AED", "MXN", "CLP", "ARS", "NZD", "TRY", "UAH", "XDR",
};

static const char *const kind_name[UNIT_KINDS] = {
    "nothing",        "mass",           "mass per time", "price",         "share",
    "ratio",          "duration",       "rate",          "money",         "money per capacity",
    "money per time", "angle",          "number",        "currency rate", "index",
    "distance",       "transport cost",
};

static const char *const kind_list[UNIT_KINDS] = {
    [UNIT_NONE] = "",
    [UNIT_MASS] = "t, kt, Mt, kg, also with what the tonnes are of (t oxide)",
    [UNIT_MASS_PER_TIME] = "t/a, t/month, kt/a",
    [UNIT_PRICE] = "USD/t, USD/kg, CNY/t, CNY/kg",
    [UNIT_SHARE] = "share, 1, %",
    [UNIT_RATIO] = "t/t, kg/t, 1",
    [UNIT_DURATION] = "month, day, week, a",
    [UNIT_RATE] = "1/a, 1/month, %/a",
    [UNIT_MONEY] = "USD, kUSD, MUSD, BUSD",
    [UNIT_MONEY_PER_CAPACITY] = "USD/(t/a), USD/(kg/a)",
    [UNIT_MONEY_PER_TIME] = "USD/a, MUSD/a, USD/month",
    [UNIT_ANGLE] = "deg",
    [UNIT_NUMBER] = "number, 1, million",
    [UNIT_CURRENCY_RATE] = "CNY/USD, JPY/USD",
    [UNIT_INDEX] = "index",
    [UNIT_DISTANCE] = "km",
    [UNIT_TRANSPORT_COST] = "USD/(t*km)",
};

enum {
    KNOWN = sizeof known / sizeof known[0],
    CURRENCIES = sizeof currencies / sizeof *currencies
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '%';
}

/* "MUSD": the currency at the end of a word, after at most one letter for the scale */
static const char *currency_of(const char *word)
{
    size_t n = strlen(word);
    if (n != 3 && !(n == 4 && strchr("kMBG", word[0])))
        return NULL;
    for (int i = 0; i < CURRENCIES; i++)
        if (strcmp(word + n - 3, currencies[i]) == 0)
            return currencies[i];
    return NULL;
}

static const char *canonical(const char *word)
{
    for (size_t i = 0; i < sizeof same_word / sizeof *same_word; i++)
        if (strcmp(word, same_word[i][0]) == 0)
            return same_word[i][1];
    return word;
}

/* A word that a unit is made of can be no qualifier: "t month" is a forgotten slash. */
static bool is_unit_word(const char *word)
{
    const char *w = canonical(word);
    if (currency_of(w))
        return true;
    for (int i = 0; i < KNOWN; i++)
        if (strcmp(known[i].text, w) == 0)
            return true;
    return false;
}

typedef struct written {
    char text[LONGEST_UNIT + 1]; /* in the table's form */
    unit found;                  /* currencies and qualifier gathered so far */
} written;

static bool add(written *w, const char *text)
{
    size_t have = strlen(w->text), n = strlen(text);
    if (have + n > LONGEST_UNIT)
        return false;
    memcpy(w->text + have, text, n + 1);
    return true;
}

static bool add_word(written *w, const char *word)
{
    const char *currency = currency_of(word);
    if (!currency)
        return add(w, canonical(word));
    char *place = w->found.currency[0] ? w->found.per_currency : w->found.currency;
    if (place[0])
        return false;
    memcpy(place, currency, 4);
    char scale[3] = {word[0], '$', '\0'};
    return add(w, strlen(word) == 4 ? scale : "$");
}

static bool keep_qualifier(written *w, const char *word)
{
    if (w->found.qualifier[0] || !is_letter(word[0]) || strlen(word) >= sizeof w->found.qualifier ||
        is_unit_word(word))
        return false;
    strcpy(w->found.qualifier, word);
    return true;
}

/* Word by word into the table's form; false when no unit could look like this. */
static bool read_written(const char *text, written *w)
{
    memset(w, 0, sizeof *w);
    const char *p = text;
    bool after_word = false, is_apart = false; /* a blank or _ since the last word */
    while (*p) {
        if (*p == ' ' || *p == '_') {
            is_apart = true;
            p++;
            continue;
        }
        if (is_word(*p) || strncmp(p, "°", 2) == 0) {
            char word[32];
            size_t n = 0;
            if (!is_word(*p)) {
                strcpy(word, "deg");
                n = 3;
                p += 2;
            } else {
                for (; is_word(*p) || (n > 0 && *p == '-'); p++) {
                    if (n + 1 >= sizeof word)
                        return false;
                    word[n++] = *p;
                }
                word[n] = '\0';
            }
            if (after_word && !(is_apart && keep_qualifier(w, word)))
                return false;
            if (!after_word && !add_word(w, word))
                return false;
            after_word = true;
        } else if (strchr("/()*", *p)) {
            char mark[2] = {*p++, '\0'};
            if (!add(w, mark))
                return false;
            after_word = mark[0] == ')';
        } else {
            return false;
        }
        is_apart = false;
    }
    return true;
}

static bool has_mass(unit_kind kind)
{
    return kind == UNIT_MASS || kind == UNIT_MASS_PER_TIME || kind == UNIT_PRICE ||
           kind == UNIT_RATIO || kind == UNIT_MONEY_PER_CAPACITY || kind == UNIT_TRANSPORT_COST;
}

/* kind UNIT_NONE: any */
static bool parse(const char *text, unit_kind kind, unit *out)
{
    written w;
    if (!text || strlen(text) > LONGEST_UNIT || !read_written(text, &w))
        return false;
    for (int i = 0; i < KNOWN; i++) {
        if ((kind != UNIT_NONE && known[i].kind != kind) || strcmp(known[i].text, w.text) != 0)
            continue;
        if (w.found.qualifier[0] && (!has_mass(known[i].kind) || strcmp(w.text, "1") == 0))
            return false;
        *out = w.found;
        out->kind = known[i].kind;
        out->factor = known[i].factor;
        return true;
    }
    return false;
}

bool units_parse(const char *text, unit *out)
{
    return parse(text, UNIT_NONE, out);
}

bool units_parse_as(const char *text, unit_kind kind, unit *out)
{
    return parse(text, kind, out);
}

double units_convert(double value, const unit *u)
{
    return value * u->factor;
}

const char *units_list(unit_kind kind)
{
    return kind >= 0 && kind < UNIT_KINDS ? kind_list[kind] : "";
}

const char *units_kind_name(unit_kind kind)
{
    return kind >= 0 && kind < UNIT_KINDS ? kind_name[kind] : "nothing";
}

const char *units_nearest(const char *text)
{
    /* the table's texts without money, then the usual ones with it */
    static const char *const with_money[] = {"USD/t", "USD/kg",    "CNY/t",   "CNY/kg", "USD",
                                             "MUSD",  "USD/(t/a)", "CNY/USD", "USD/a"};
    const char *candidate[KNOWN + sizeof with_money / sizeof *with_money];
    size_t n = 0;
    for (int i = 0; i < KNOWN; i++)
        if (!strchr(known[i].text, '$'))
            candidate[n++] = known[i].text;
    for (size_t i = 0; i < sizeof with_money / sizeof *with_money; i++)
        candidate[n++] = with_money[i];
    return text_nearest(text, candidate, n);
}
