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
    assert(lost >= 0 && lost < 1 && demand_elasticity + supply_elasticity > 0);
    return yt_pow(1 - lost, -1 / (demand_elasticity + supply_elasticity));
}

double shortage_use(double lost, double demand_elasticity, double supply_elasticity)
{
    return yt_pow(shortage_price(lost, demand_elasticity, supply_elasticity), -demand_elasticity);
}
