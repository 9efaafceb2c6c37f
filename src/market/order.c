/* order.c - in which order to eliminate markets so that the factor stays sparse.
 *
 * Minimum degree on a quotient graph: an eliminated market becomes an element, the clique of
 * its remaining neighbours, and swallows the elements it touched.  Degrees are the bound of
 * Amestoy, Davis and Duff (1996).  Done once per pattern; ties go to the lowest number, so
 * the order is the same everywhere.
 */
#include "market/inside.h"

#include <stdlib.h>
#include <string.h>

typedef struct element {
    int32_t *member;
    int32_t count;
} element;

typedef struct quotient {
    int32_t nodes;
    int32_t *start;    /* own list of a node starts here                     */
    int32_t *list;     /* first its elements, then its remaining neighbours  */
    int32_t *elements; /* how many elements lead the list                    */
    int32_t *length;   /* elements + neighbours                              */
    int32_t *degree;   /* upper bound of the external degree                 */
    int32_t *mark;     /* stamp: is the node in the pivot's clique?          */
    int32_t *outside;  /* stamp-coded |element without the pivot's clique|   */
    int32_t *seen;     /* stamp of outside[]                                 */
    bool *gone;        /* eliminated                                         */
    element *clique;   /* members of the element a node has become           */
} quotient;

static void quotient_free(quotient *graph)
{
    if (graph->clique)
        for (int32_t i = 0; i < graph->nodes; i++)
            free(graph->clique[i].member);
    free(graph->start);
    free(graph->list);
    free(graph->elements);
    free(graph->length);
    free(graph->degree);
    free(graph->mark);
    free(graph->outside);
    free(graph->seen);
    free(graph->gone);
    free(graph->clique);
}

static bool quotient_new(quotient *graph, int32_t nodes, const int32_t *start,
                         const int32_t *neighbour)
{
    const size_t n = (size_t)nodes + 1;
    const size_t edges = (size_t)start[nodes] + 1;
    *graph = (quotient){
        .nodes = nodes,
        .start = malloc(n * sizeof(int32_t)),
        .list = malloc(edges * sizeof(int32_t)),
        .elements = calloc(n, sizeof(int32_t)),
        .length = calloc(n, sizeof(int32_t)),
        .degree = calloc(n, sizeof(int32_t)),
        .mark = calloc(n, sizeof(int32_t)),
        .outside = calloc(n, sizeof(int32_t)),
        .seen = calloc(n, sizeof(int32_t)),
        .gone = calloc(n, sizeof(bool)),
        .clique = calloc(n, sizeof(element)),
    };
    if (!graph->start || !graph->list || !graph->elements || !graph->length || !graph->degree ||
        !graph->mark || !graph->outside || !graph->seen || !graph->gone || !graph->clique)
        return false;
    memcpy(graph->start, start, n * sizeof(int32_t));
    if (start[nodes] > 0)
        memcpy(graph->list, neighbour, (size_t)start[nodes] * sizeof(int32_t));
    for (int32_t i = 0; i < nodes; i++)
        graph->degree[i] = graph->length[i] = start[i + 1] - start[i];
    return true;
}

static int32_t lowest_degree(const quotient *graph)
{
    int32_t best = YT_NONE;
    for (int32_t i = 0; i < graph->nodes; i++)
        if (!graph->gone[i] && (best < 0 || graph->degree[i] < graph->degree[best]))
            best = i;
    return best;
}

/* The clique of a pivot: its neighbours and the members of its elements, each once. */
static bool form_clique(quotient *graph, int32_t pivot, int32_t stamp)
{
    const int32_t *own = graph->list + graph->start[pivot];
    int32_t bound = graph->length[pivot];
    for (int32_t k = 0; k < graph->elements[pivot]; k++)
        bound += graph->clique[own[k]].count;
    element clique = {.member = malloc(((size_t)bound + 1) * sizeof(int32_t))};
    if (!clique.member)
        return false;
    graph->mark[pivot] = stamp;
    for (int32_t k = 0; k < graph->length[pivot]; k++) {
        const bool is_element = k < graph->elements[pivot];
        const int32_t *from = is_element ? graph->clique[own[k]].member : &own[k];
        const int32_t count = is_element ? graph->clique[own[k]].count : 1;
        for (int32_t m = 0; m < count; m++)
            if (!graph->gone[from[m]] && graph->mark[from[m]] != stamp) {
                graph->mark[from[m]] = stamp;
                clique.member[clique.count++] = from[m];
            }
    }
    for (int32_t k = 0; k < graph->elements[pivot]; k++) {
        free(graph->clique[own[k]].member);
        graph->clique[own[k]] = (element){0};
    }
    graph->clique[pivot] = clique;
    return true;
}

/* outside[e] = members of element e that are not in the pivot's clique. */
static void count_outside(quotient *graph, int32_t pivot, int32_t stamp)
{
    const element *clique = &graph->clique[pivot];
    for (int32_t m = 0; m < clique->count; m++) {
        const int32_t i = clique->member[m];
        const int32_t *own = graph->list + graph->start[i];
        for (int32_t k = 0; k < graph->elements[i]; k++) {
            const int32_t e = own[k];
            if (graph->seen[e] != stamp) {
                graph->seen[e] = stamp;
                graph->outside[e] = 0;
                for (int32_t t = 0; t < graph->clique[e].count; t++)
                    graph->outside[e] += !graph->gone[graph->clique[e].member[t]];
            }
            graph->outside[e]--;
        }
    }
}

/* Rewrite the list of clique member i: live elements, the new element, and neighbours the
 * clique does not already cover. */
static void prune_list(quotient *graph, int32_t pivot, int32_t i, int32_t stamp)
{
    int32_t *own = graph->list + graph->start[i];
    const int32_t old_elements = graph->elements[i], old_length = graph->length[i];
    int32_t kept = 0, degree = graph->clique[pivot].count - 1;
    for (int32_t k = 0; k < old_elements; k++)
        if (graph->clique[own[k]].count > 0 && graph->outside[own[k]] > 0) {
            degree += graph->outside[own[k]];
            own[kept++] = own[k];
        }
    const int32_t live = kept;
    int32_t first_neighbour = kept;
    for (int32_t k = old_elements; k < old_length; k++)
        if (graph->mark[own[k]] != stamp && !graph->gone[own[k]]) {
            own[first_neighbour++] = own[k];
            degree++;
        }
    /* the new element goes between the two kinds; something always fell out to make room */
    if (first_neighbour > live)
        own[first_neighbour] = own[live];
    own[live] = pivot;
    graph->elements[i] = live + 1;
    graph->length[i] = first_neighbour + 1;
    graph->degree[i] = degree;
}

yt_status market_order(int32_t nodes, const int32_t *start, const int32_t *neighbour,
                       int32_t *order)
{
    quotient graph;
    yt_status status = quotient_new(&graph, nodes, start, neighbour) ? YT_OK : YT_ENOMEM;
    for (int32_t k = 0; k < nodes && !status; k++) {
        const int32_t pivot = lowest_degree(&graph), stamp = k + 1;
        order[k] = pivot;
        graph.gone[pivot] = true;
        if (!form_clique(&graph, pivot, stamp)) {
            status = YT_ENOMEM;
            break;
        }
        count_outside(&graph, pivot, stamp);
        for (int32_t m = 0; m < graph.clique[pivot].count; m++)
            prune_list(&graph, pivot, graph.clique[pivot].member[m], stamp);
    }
    quotient_free(&graph);
    return status;
}
