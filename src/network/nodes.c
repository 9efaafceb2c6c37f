/* nodes.c - the rows of the matrix: goods in places, capacities of families, permits. */
#include "network/build.h"

#include <math.h>

static double contract_share_of(const builder *b, int32_t commodity, int32_t region)
{
    const model_match match[] = {
        {contract_group, build_group_of(b, commodity)},
        {contract_commodity, commodity},
        {contract_region, region},
    };
    int32_t row = model_rule(b->model, TABLE_contract, ITEM_contract_share, match, 3, YT_NONE);
    if (row == YT_NONE || model_at(b->model, TABLE_contract, row, contract_region)->id == YT_NONE)
        return NAN;
    return model_at(b->model, TABLE_contract, row, contract_facts + FACT_VALUE)->number;
}

static int32_t add_node(builder *b, network_node node)
{
    node.twin = YT_NONE;
    node.end_use = node.kind == NODE_SERVICE ? node.end_use : YT_NONE;
    b->net->node[b->net->nodes] = node;
    return b->net->nodes++;
}

/* A market exists where the commodity can be and somebody wants it, or where it is made and
 * must go somewhere. */
static bool has_market(const builder *b, int32_t pair)
{
    return b->can_have[pair] && (b->is_wanted[pair] || b->is_made[pair]);
}

static void add_goods(builder *b, int32_t commodity, int32_t region)
{
    int32_t pair = build_pair(b, commodity, region);
    b->node_single[pair] = b->node_spot[pair] = YT_NONE;
    b->contract_share[pair] = NAN;
    if (!has_market(b, pair))
        return;
    network_node node = {.kind = NODE_GOODS,
                         .side = SIDE_SINGLE,
                         .commodity = commodity,
                         .region = region,
                         .family = YT_NONE,
                         .permit = YT_NONE,
                         .is_made = b->is_made[pair]};
    double share = b->is_wanted[pair] ? contract_share_of(b, commodity, region) : NAN;
    if (isnan(share)) {
        b->node_single[pair] = add_node(b, node);
        return;
    }
    node.side = SIDE_CONTRACT;
    node.is_made = false;
    b->node_single[pair] = add_node(b, node);
    node.side = SIDE_SPOT;
    node.is_made = b->is_made[pair];
    b->node_spot[pair] = add_node(b, node);
    b->contract_share[pair] = share;
    b->net->node[b->node_single[pair]].twin = b->node_spot[pair];
    b->net->node[b->node_spot[pair]].twin = b->node_single[pair];
}

/* Can anything of the basket be had there? */
static bool is_served(const builder *b, int32_t end_use, int32_t region)
{
    for (int32_t c = 0; c < b->net->commodities.count; c++)
        if (build_basket_has(b, end_use, c) && b->node_single[build_pair(b, c, region)] != YT_NONE)
            return true;
    return false;
}

static void add_services(builder *b)
{
    const yt_network *net = b->net;
    for (int32_t u = 0; u < net->end_uses.count; u++)
        for (int32_t r = 0; r < net->regions.count; r++)
            if (build_is_mixed(b, u) && build_is_demanded(b, u, r) && is_served(b, u, r))
                add_node(b, (network_node){.kind = NODE_SERVICE,
                                           .commodity = YT_NONE,
                                           .region = r,
                                           .family = YT_NONE,
                                           .permit = YT_NONE,
                                           .end_use = u});
}

static void add_capacities(builder *b)
{
    yt_network *net = b->net;
    for (int32_t i = 0; i < net->families.count * net->regions.count; i++)
        b->capacity_node[i] = YT_NONE;
    for (int32_t f = 0; f < net->facilities.count; f++) {
        if (!b->facility_runs[f] || b->facility_family[f] == YT_NONE)
            continue;
        int32_t region = model_at(b->model, TABLE_facility, f, facility_region)->id;
        int32_t *at = &b->capacity_node[b->facility_family[f] * net->regions.count + region];
        if (*at == YT_NONE)
            *at = add_node(b, (network_node){.kind = NODE_CAPACITY,
                                             .commodity = YT_NONE,
                                             .region = region,
                                             .family = b->facility_family[f],
                                             .permit = YT_NONE});
    }
}

void build_nodes(builder *b)
{
    yt_network *net = b->net;
    size_t regions = (size_t)net->regions.count;
    size_t pairs = (size_t)net->commodities.count * regions;
    size_t most = 2 * pairs + (size_t)net->end_uses.count * regions +
                  (size_t)net->families.count * regions + (size_t)net->permits.count;
    net->node = build_keep(b, most, sizeof *net->node);
    b->node_single = build_scratch(b, pairs, sizeof(int32_t));
    b->node_spot = build_scratch(b, pairs, sizeof(int32_t));
    b->contract_share = build_scratch(b, pairs, sizeof(double));
    b->capacity_node = build_scratch(b, (size_t)net->families.count * regions, sizeof(int32_t));
    if (b->out_of_memory)
        return;
    for (int32_t c = 0; c < net->commodities.count; c++)
        for (int32_t r = 0; r < net->regions.count; r++)
            add_goods(b, c, r);
    add_services(b);
    add_capacities(b);
    for (int32_t p = 0; p < net->permits.count; p++)
        add_node(b, (network_node){.kind = NODE_PERMIT,
                                   .commodity = YT_NONE,
                                   .region = model_at(b->model, TABLE_permit, p, permit_region)->id,
                                   .family = YT_NONE,
                                   .permit = p});
}
