/* flow.c - maximum flow by shortest augmenting paths, and a chain with losses. */
#include "base/flow.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Edge e can be used along itself (2e) and, to take flow back, against itself (2e + 1). */
typedef struct network {
    flow_edge *edge;
    int32_t nodes, source, sink;
    int32_t *first, *way; /* ways that leave node i: way[first[i]..first[i + 1])   */
    int32_t *came;        /* way by which each node was reached, -1: it was not    */
    int32_t *queue;
} network;

static int32_t start_of(const network *net, int32_t way)
{
    const flow_edge *e = &net->edge[way / 2];
    return way % 2 ? e->to : e->from;
}

static int32_t end_of(const network *net, int32_t way)
{
    return start_of(net, way ^ 1);
}

static double room_on(const network *net, int32_t way)
{
    const flow_edge *e = &net->edge[way / 2];
    return way % 2 ? e->flow : e->capacity - e->flow;
}

/* Count, add up, fill: first[i + 1] moves from the beginning of i's ways to their end. */
static void list_ways(const network *net, int32_t edges)
{
    for (int32_t way = 0; way < 2 * edges; way++)
        net->first[start_of(net, way) + 2]++;
    for (int32_t i = 1; i <= net->nodes; i++)
        net->first[i + 1] += net->first[i];
    for (int32_t way = 0; way < 2 * edges; way++)
        net->way[net->first[start_of(net, way) + 1]++] = way;
}

/* Breadth first over all ways with room; true when the sink is reached. */
static bool find_path(const network *net)
{
    int32_t head = 0, tail = 0;
    for (int32_t i = 0; i < net->nodes; i++)
        net->came[i] = -1;
    net->queue[tail++] = net->source;
    while (head < tail && net->came[net->sink] < 0) {
        int32_t node = net->queue[head++];
        for (int32_t k = net->first[node]; k < net->first[node + 1]; k++) {
            int32_t way = net->way[k], next = end_of(net, way);
            if (next == net->source || net->came[next] >= 0 || !(room_on(net, way) > 0))
                continue;
            net->came[next] = way;
            net->queue[tail++] = next;
        }
    }
    return net->came[net->sink] >= 0;
}

static double narrowest(const network *net)
{
    double room = INFINITY;
    for (int32_t node = net->sink; node != net->source; node = start_of(net, net->came[node]))
        room = fmin(room, room_on(net, net->came[node]));
    return room;
}

/* An edge that is filled is full to the last digit. */
static void push(const network *net, double amount)
{
    for (int32_t node = net->sink; node != net->source; node = start_of(net, net->came[node])) {
        int32_t way = net->came[node];
        flow_edge *e = &net->edge[way / 2];
        if (way % 2)
            e->flow -= amount;
        else
            e->flow =
                amount < e->capacity - e->flow ? fmin(e->flow + amount, e->capacity) : e->capacity;
    }
}

static void augment(const network *net, flow_problem *p)
{
    p->most = 0;
    p->paths = 0;
    while (isfinite(p->most) && find_path(net)) {
        double amount = narrowest(net);
        p->most += amount;
        p->paths++;
        if (isfinite(amount))
            push(net, amount);
    }
}

/* After the last search: from nodes that can still be reached to nodes that cannot. */
static void mark_cut(const network *net, const flow_problem *p)
{
    for (int32_t e = 0; e < p->edges; e++) {
        flow_edge *edge = &net->edge[e];
        bool is_near = edge->from == p->source || net->came[edge->from] >= 0;
        bool is_far = edge->to != p->source && net->came[edge->to] < 0;
        edge->is_cut = isfinite(p->most) && is_near && is_far;
        if (isinf(p->most))
            edge->flow = 0;
    }
}

yt_status flow_maximum(flow_problem *p)
{
    assert(p->source != p->sink);
    size_t nodes = (size_t)p->nodes, ways = 2 * (size_t)p->edges;
    int32_t *block = calloc(3 * nodes + 2 + ways, sizeof *block);
    if (!block)
        return YT_ENOMEM;
    network net = {.edge = p->edge, .nodes = p->nodes, .source = p->source, .sink = p->sink};
    net.first = block;
    net.came = net.first + nodes + 2;
    net.queue = net.came + nodes;
    net.way = net.queue + nodes;
    for (int32_t e = 0; e < p->edges; e++)
        p->edge[e].flow = 0;
    list_ways(&net, p->edges);
    augment(&net, p);
    mark_cut(&net, p);
    free(block);
    return YT_OK;
}

double flow_chain(const double capacity[], const double yield[], int32_t stages, int32_t *binding)
{
    assert(stages >= 1);
    double taken = capacity[0];
    int32_t full = 0;
    for (int32_t i = 1; i < stages; i++) {
        double offered = taken * yield[i - 1];
        if (capacity[i] <= offered)
            full = i;
        taken = fmin(offered, capacity[i]);
    }
    if (binding)
        *binding = full;
    return taken;
}
