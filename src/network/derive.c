/* derive.c - parameters that follow from others: prices of services, capacities and permits, and
 * where the keenest user gives up.
 *
 * Used once while compiling and again for every world whose parameters are drawn.
 */
#include "network/network.h"

#include <math.h>

#define NUMBERS(name) (numbers + net->offset[VAR_##name])

/* Where nothing says what a capacity or a permit costs, USD/t: a start for the solver. */
#define SOME_PRICE 1000

/* Mean operating cost of the plants that sell to a capacity node: its typical price. */
static double family_cost(const yt_network *net, const double *numbers, int32_t node)
{
    double sum = 0;
    int32_t n = 0;
    for (int32_t i = 0; i < net->plants; i++)
        if (net->plant[i].node == node) {
            sum += NUMBERS(operating_cost)[i];
            n++;
        }
    return n && sum > 0 ? sum / n : SOME_PRICE;
}

static double permit_price(const yt_network *net, const double *numbers, int32_t permit)
{
    for (int32_t i = 0; i < net->releases; i++)
        if (net->permit[i].permit == permit && NUMBERS(ask_start)[i] > 0)
            return NUMBERS(ask_start)[i];
    return SOME_PRICE;
}

static void derive_prices(const yt_network *net, double *numbers)
{
    for (int32_t n = 0; n < net->nodes; n++) {
        const network_node *node = &net->node[n];
        if (node->kind == NODE_CAPACITY)
            NUMBERS(reference_price)[n] = family_cost(net, numbers, n);
        else if (node->kind == NODE_PERMIT)
            NUMBERS(reference_price)[n] = permit_price(net, numbers, node->permit);
    }
}

/* A service costs what a tonne of its basket costs at the end of the case: of what can be had
 * there; where none of that is in the basket any more, its plain mean. */
static void derive_services(const yt_network *net, double *numbers)
{
    const double *share = net->basket_share + (size_t)(net->months - 1) * (size_t)net->uses;
    double *reference = NUMBERS(reference_price);
    for (int32_t first = 0, next = 0; first < net->uses; first = next) {
        double shares = 0, price = 0, mean = 0;
        for (next = first; next < net->uses && net->use[next].segment == net->use[first].segment;
             next++) {
            shares += share[next];
            price += share[next] * reference[net->use[next].node];
            mean += reference[net->use[next].node];
        }
        if (net->use[first].mix != YT_NONE)
            reference[net->segment[net->use[first].segment].node] =
                shares > 0 ? price / shares : mean / (next - first);
    }
}

/* The keenest user's choke, or the keenest of all where only plants buy. */
static void derive_chokes(const yt_network *net, double *numbers)
{
    double keenest = 0, *price = NUMBERS(choke_price);
    for (int32_t n = 0; n < net->nodes; n++)
        price[n] = 0;
    for (int32_t i = 0; i < net->uses; i++) {
        double choke = NUMBERS(choke)[net->use[i].segment];
        int32_t node = net->use[i].node,
                twin = net->use[i].mix == YT_NONE ? YT_NONE : net->node[node].twin;
        price[node] = fmax(price[node], choke);
        if (twin != YT_NONE) /* a mix buys on both sides */
            price[twin] = price[node];
        keenest = fmax(keenest, choke);
    }
    for (int32_t n = 0; n < net->nodes; n++)
        price[n] = (price[n] > 0 ? price[n] : keenest) * NUMBERS(reference_price)[n];
}

void network_derive(const yt_network *net, double *numbers)
{
    derive_prices(net, numbers);
    derive_services(net, numbers);
    derive_chokes(net, numbers);
}
