/* schema.c - the tables a store is made of, and the views that people read.
 *
 * Facts are float64 rows under one integer made of run, key and month (read.h): one series
 * lies in one place and pages fill up.  Names live once, in the d_ tables.  Only the views
 * are promised to stay.
 */
#include "store/inside.h"
#include "store/read.h"

static const char *const tables =
    "CREATE TABLE d_manifest(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE d_run(run INTEGER PRIMARY KEY);"
    "CREATE TABLE d_month(month INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
    "CREATE TABLE d_series(key INTEGER PRIMARY KEY, variable TEXT NOT NULL, region TEXT,"
    " commodity TEXT, unit TEXT, name TEXT COLLATE NOCASE);"
    "CREATE TABLE d_arc(key INTEGER PRIMARY KEY, commodity TEXT, origin TEXT, destination TEXT,"
    " kind TEXT, name TEXT COLLATE NOCASE);"
    "CREATE TABLE d_facility(key INTEGER PRIMARY KEY, id TEXT, name TEXT, site TEXT, stage TEXT,"
    " region TEXT, recipe TEXT, owner_type TEXT, output_unit TEXT);"
    "CREATE TABLE d_use(key INTEGER PRIMARY KEY, end_use TEXT, region TEXT, commodity TEXT,"
    " share_critical REAL, share_flexible REAL, name TEXT COLLATE NOCASE);"
    "CREATE TABLE d_tier(key INTEGER PRIMARY KEY, tier TEXT NOT NULL);"
    "INSERT INTO d_tier VALUES(0, 'critical'), (1, 'normal'), (2, 'flexible');"
    "CREATE TABLE d_element(key INTEGER PRIMARY KEY, element TEXT NOT NULL);"
    "CREATE TABLE d_word(key INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "CREATE TABLE f_series(id INTEGER PRIMARY KEY, value REAL);"
    "CREATE TABLE f_flow(id INTEGER PRIMARY KEY, tonnes REAL, cif REAL);"
    "CREATE TABLE f_facility(id INTEGER PRIMARY KEY, output REAL, capacity REAL, status INTEGER);"
    "CREATE TABLE f_use(id INTEGER PRIMARY KEY, wanted REAL, served REAL);"
    "CREATE TABLE f_element(key INTEGER, run INTEGER, month INTEGER, opening REAL, mined REAL,"
    " in_use REAL, stocks REAL, scrap REAL, tailings REAL, losses REAL, disposed REAL,"
    " closure REAL, PRIMARY KEY(key, run, month)) WITHOUT ROWID;"
    "CREATE TABLE f_certificate(run INTEGER, month INTEGER, balance REAL, complementarity REAL,"
    " gap REAL, iterations INTEGER, PRIMARY KEY(run, month)) WITHOUT ROWID;"
    "CREATE TABLE f_event(number INTEGER PRIMARY KEY, run INTEGER, month INTEGER, kind TEXT,"
    " subject TEXT, text TEXT);"
    "CREATE TABLE d_outcome(key INTEGER PRIMARY KEY, name TEXT NOT NULL, region TEXT, stage TEXT,"
    " unit TEXT);"
    "CREATE TABLE f_outcome(run INTEGER, key INTEGER, value REAL, censored INTEGER,"
    " PRIMARY KEY(run, key)) WITHOUT ROWID;"
    "CREATE TABLE d_fan(key INTEGER PRIMARY KEY, variable TEXT NOT NULL, region TEXT,"
    " commodity TEXT, unit TEXT);"
    "CREATE TABLE f_fan(key INTEGER, month INTEGER, quantile REAL, value REAL,"
    " PRIMARY KEY(key, month, quantile)) WITHOUT ROWID;"
    "CREATE TABLE f_block(block INTEGER PRIMARY KEY, first_run INTEGER, runs INTEGER);"
    "CREATE TABLE f_score(kind TEXT, series TEXT, variable TEXT, product TEXT, place TEXT,"
    " rows INTEGER, read INTEGER, unknown INTEGER, rmsle REAL, mae REAL, bias REAL, crps REAL,"
    " coverage80 REAL, pairs REAL, years INTEGER, skill REAL, skill_trend REAL, skill_step REAL,"
    " timing REAL, reason TEXT);"
    "CREATE TABLE f_match(observation INTEGER PRIMARY KEY, kind TEXT, series TEXT, variable TEXT,"
    " product TEXT, place TEXT, period TEXT, unit TEXT, low REAL, high REAL, q10 REAL, median REAL,"
    " q90 REAL, paid REAL, error REAL, crps REAL, pit REAL, verdict TEXT);"
    "CREATE TABLE f_target(id TEXT, event TEXT, start TEXT, fact TEXT, low REAL, high REAL,"
    " q10 REAL, value REAL, q90 REAL, unit TEXT, worlds INTEGER, inside INTEGER);"
    "CREATE TABLE f_forecast(id TEXT, published TEXT, start TEXT, fact TEXT, claim_low REAL,"
    " claim_high REAL, claim_share REAL, low REAL, high REAL, share REAL, q10 REAL, value REAL,"
    " q90 REAL, unit TEXT, worlds INTEGER, inside INTEGER, verdict TEXT);"
    "CREATE TABLE f_published(id TEXT, kind TEXT, study TEXT, finding TEXT, tolerance TEXT,"
    " grade TEXT, answered_by TEXT, parts INTEGER, parts_inside INTEGER, inside INTEGER, why TEXT);"
    "CREATE TABLE f_band(start TEXT, measure TEXT, stage TEXT, years INTEGER, coverage80 REAL,"
    " crps REAL, persistence REAL);"
    "CREATE TABLE f_band_year(start TEXT, measure TEXT, stage TEXT, year INTEGER, seen REAL,"
    " q10 REAL, median REAL, q90 REAL);"
    "CREATE TABLE f_accepted(run INTEGER PRIMARY KEY, implausibility REAL, accepted INTEGER);"
    "CREATE TABLE f_learned(parameter TEXT, mean REAL, spread REAL, distance REAL);"
    "CREATE TABLE d_path(key INTEGER PRIMARY KEY, variable TEXT, region TEXT, about TEXT,"
    " unit TEXT);"
    "CREATE TABLE f_path(key INTEGER, month INTEGER, worlds INTEGER, mean REAL, q10 REAL,"
    " median REAL, q90 REAL, PRIMARY KEY(key, month)) WITHOUT ROWID;"
    "CREATE TABLE f_measure(measure TEXT, what TEXT, loss REAL, loss_avoided REAL,"
    " unmet_critical REAL);"
    "CREATE TABLE f_least_stock(run INTEGER PRIMARY KEY, months REAL);"
    "CREATE TABLE f_part(product TEXT, region TEXT, number INTEGER, good TEXT, per_unit REAL,"
    " stock REAL);"
    "CREATE TABLE f_exposure(element TEXT, origin TEXT, months INTEGER, usual REAL, loss REAL,"
    " weighted REAL, unmet_critical REAL);"
    "CREATE TABLE f_exposure_use(element TEXT, origin TEXT, months INTEGER, end_use TEXT,"
    " loss REAL);"
    "CREATE TABLE f_effect(number INTEGER PRIMARY KEY, outcome TEXT, region TEXT, parameter TEXT,"
    " method TEXT, low REAL, high REAL, unit TEXT, effect_low REAL, effect_high REAL, error REAL,"
    " cut REAL, worlds INTEGER);"
    "CREATE TABLE f_code(key INTEGER, block INTEGER, codes BLOB, PRIMARY KEY(key, block))"
    " WITHOUT ROWID;";

static const char *const indices = "CREATE INDEX i_series ON d_series(variable, region, commodity);"
                                   "CREATE INDEX i_arc ON d_arc(commodity, origin, destination);"
                                   "CREATE INDEX i_facility ON d_facility(id);"
                                   "CREATE INDEX i_use ON d_use(end_use, region);"
                                   "CREATE INDEX i_outcome ON f_outcome(key);";

/* the join of names, facts and months; CROSS keeps the order: few names, then their rows */
#define FACTS_OF(names, facts) FACTS_JOINED(names " d", facts)
#define TIERS_OF_USES FACTS_JOINED("d_use d CROSS JOIN d_tier t", "f_use")
#define FACTS_JOINED(names, facts)                                                                 \
    " FROM d_run r CROSS JOIN " names " CROSS JOIN " facts                                         \
    " f ON f.id BETWEEN " STORE_FIRST_ID("r.run", "d.key") " AND " STORE_LAST_ID(                  \
        "r.run", "d.key") " JOIN d_month m ON m.month = f.id & 65535"

/* what people call a commodity, or a permit in its place; small and capital letters are alike */
#define NAMED(table)                                                                               \
    "UPDATE " table " SET name = coalesce((SELECT name FROM in_commodity WHERE id = commodity),"   \
    " (SELECT name FROM in_permit WHERE id = commodity), commodity);"
static const char *const trade_names = NAMED("d_series") NAMED("d_arc") NAMED("d_use");

static const char *const views =
#define VIEW(name, doc, select) "CREATE VIEW \"" #name "\" AS " select ";"
#define COLUMN(...)
#include "store/views.def"
#undef VIEW
#undef COLUMN
    ;

yt_status schema_create_tables(sqlite3 *db)
{
    yt_status status = sql_run(db, tables);
    return status ? status : sql_run(db, indices);
}

yt_status schema_name_commodities(sqlite3 *db)
{
    return sql_run(db, trade_names);
}

yt_status schema_create_views(sqlite3 *db)
{
    return sql_run(db, views);
}
