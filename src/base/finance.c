/* finance.c - present values, internal rates, annuities and the worth of waiting. */
#include "base/finance.h"

#include "base/math.h"

#include <assert.h>
#include <math.h>

double finance_present_value(const double flow[], int32_t n, double rate_per_year)
{
    assert(rate_per_year > -1);
    double value = 0;
    for (int32_t i = n - 1; i >= 0; i--)
        value = value / (1 + rate_per_year) + flow[i];
    return value;
}

double finance_internal_rate(const double flow[], int32_t n)
{
    /* 1 + rate; halved on the scale of logarithms until nothing lies between */
    double least = 1e-6, most = 1e4;
    if (!(finance_present_value(flow, n, least - 1) > 0) ||
        !(finance_present_value(flow, n, most - 1) < 0))
        return NAN;
    for (int i = 0; i < 120; i++) {
        double middle = i < 60 ? sqrt(least * most) : least + (most - least) / 2;
        *(finance_present_value(flow, n, middle - 1) > 0 ? &least : &most) = middle;
    }
    return most - 1;
}

double finance_annuity(double rate_per_year, double years)
{
    assert(rate_per_year > -1 && years >= 0);
    double growth = yt_log1p(rate_per_year);
    return growth == 0 ? years : -yt_expm1(-growth * years) / growth;
}

double finance_monthly_rate(double rate_per_year)
{
    assert(rate_per_year > -1);
    return yt_expm1(yt_log1p(rate_per_year) / 12);
}

double finance_option_multiple(double drift, double volatility, double rate)
{
    assert(volatility >= 0 && rate > 0);
    if (drift >= rate)
        return INFINITY;
    double variance = volatility * volatility;
    if (variance == 0) /* the limit: waiting pays only while the worth grows */
        return drift > 0 ? rate / (rate - drift) : 1;
    double m = drift / variance - 0.5;
    double beta = -m + sqrt(m * m + 2 * rate / variance);
    return beta / (beta - 1);
}
