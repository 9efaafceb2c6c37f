/* shortage.c - months of cover, and the price of what is missing. */
#include "study/shortage.h"

#include "base/math.h"

#include <assert.h>
#include <math.h>

double shortage_cover(double stock, double use, double supply)
{
    return use > supply ? stock / (use - supply) : INFINITY;
}

double shortage_price(double lost, double demand_elasticity, double supply_elasticity)
{
    assert(lost >= 0 && lost <= 1 && demand_elasticity >= 0 && supply_elasticity >= 0);
    if (lost == 0)
        return 1;
    if (lost == 1 || demand_elasticity + supply_elasticity == 0)
        return INFINITY;
    return yt_pow(1 - lost, -1 / (demand_elasticity + supply_elasticity));
}

double shortage_use(double lost, double demand_elasticity, double supply_elasticity)
{
    /* at a price without bound it is what there still is, whatever users would like */
    double price = shortage_price(lost, demand_elasticity, supply_elasticity);
    return isinf(price) ? 1 - lost : yt_pow(price, -demand_elasticity);
}
