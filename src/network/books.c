/* books.c - the elements inside commodities, and where recipes put them. */
#include "network/build.h"

static void read_contents(builder *b)
{
    const yt_model *model = b->model;
    yt_network *net = b->net;
    size_t elements = (size_t)net->elements.count;
    net->content = build_keep(b, (size_t)net->commodities.count * elements, sizeof(double));
    for (int32_t r = 0; net->content && r < model->table[TABLE_composition].rows; r++) {
        int32_t commodity = model_at(model, TABLE_composition, r, composition_commodity)->id;
        int32_t element = model_at(model, TABLE_composition, r, composition_element)->id;
        net->content[(size_t)commodity * elements + (size_t)element] =
            model_at(model, TABLE_composition, r, composition_facts + FACT_VALUE)->number;
    }
}

static void index_flows(builder *b)
{
    const model_table *table = &b->model->table[TABLE_recipe_flow];
    int32_t recipes = b->net->recipes.count;
    b->flow_start = build_scratch(b, (size_t)recipes + 2, sizeof *b->flow_start);
    b->flow_row = build_scratch(b, (size_t)table->rows, sizeof *b->flow_row);
    if (b->out_of_memory)
        return;
    int32_t *next = b->flow_start + 1; /* becomes flow_start once the rows are placed */
    for (int32_t r = 0; r < table->rows; r++)
        next[model_at(b->model, TABLE_recipe_flow, r, recipe_flow_recipe)->id + 1]++;
    for (int32_t i = 0; i < recipes; i++)
        next[i + 1] += next[i];
    for (int32_t r = 0; r < table->rows; r++)
        b->flow_row[next[model_at(b->model, TABLE_recipe_flow, r, recipe_flow_recipe)->id]++] = r;
}

build_flow build_flow_at(const builder *b, int32_t i)
{
    int32_t row = b->flow_row[i];
    return (build_flow){
        .commodity = model_at(b->model, TABLE_recipe_flow, row, recipe_flow_commodity)->id,
        .value = model_at(b->model, TABLE_recipe_flow, row, recipe_flow_facts + FACT_VALUE)->number,
    };
}

static void read_losses(builder *b)
{
    const yt_model *model = b->model;
    network_recipe_books *books = b->net->recipe_books;
    for (int32_t r = 0; r < model->table[TABLE_recipe_loss].rows; r++) {
        int32_t recipe = model_at(model, TABLE_recipe_loss, r, recipe_loss_recipe)->id;
        int32_t element = model_at(model, TABLE_recipe_loss, r, recipe_loss_element)->id;
        bool tailings = model_at(model, TABLE_recipe_loss, r, recipe_loss_fate)->id == 0;
        double value =
            model_at(model, TABLE_recipe_loss, r, recipe_loss_facts + FACT_VALUE)->number;
        *(tailings ? &books[recipe].tailings[element] : &books[recipe].losses[element]) += value;
    }
}

/* An extracting recipe takes from the ground what it yields and loses.  Any other recipe is
 * closed by its losses: rounding in the tables, which check bounds, is booked as loss. */
static void close_recipes(builder *b)
{
    const yt_model *model = b->model;
    yt_network *net = b->net;
    int32_t elements = net->elements.count;
    double *net_output =
        build_scratch(b, (size_t)net->recipes.count * (size_t)elements, sizeof(double));
    if (!net_output)
        return;
    for (int32_t recipe = 0; recipe < net->recipes.count; recipe++)
        for (int32_t i = b->flow_start[recipe]; i < b->flow_start[recipe + 1]; i++) {
            build_flow flow = build_flow_at(b, i);
            for (int32_t e = 0; e < elements; e++)
                net_output[recipe * elements + e] +=
                    flow.value * net->content[flow.commodity * elements + e];
        }
    for (int32_t i = 0; i < net->recipes.count; i++) {
        int32_t stage = model_at(model, TABLE_recipe, i, recipe_stage)->id;
        bool extracts = model_at(model, TABLE_stage, stage, stage_extracts)->id == 0;
        network_recipe_books *books = &net->recipe_books[i];
        for (int32_t e = 0; e < elements; e++) {
            if (extracts)
                books->mined[e] =
                    net_output[i * elements + e] + books->tailings[e] + books->losses[e];
            else
                books->losses[e] = -net_output[i * elements + e] - books->tailings[e];
        }
    }
}

static void find_groups(builder *b)
{
    yt_network *net = b->net;
    net->group_of = build_keep(b, (size_t)net->commodities.count, sizeof *net->group_of);
    for (int32_t c = 0; net->group_of && c < net->commodities.count; c++)
        net->group_of[c] = build_group_of(b, c);
    net->extracts = build_keep(b, (size_t)net->stages.count, sizeof *net->extracts);
    for (int32_t s = 0; net->extracts && s < net->stages.count; s++)
        net->extracts[s] = model_at(b->model, TABLE_stage, s, stage_extracts)->id == 0;
}

void build_books(builder *b)
{
    yt_network *net = b->net;
    find_groups(b);
    size_t recipes = (size_t)net->recipes.count, elements = (size_t)net->elements.count;
    net->recipe_books = build_keep(b, recipes, sizeof *net->recipe_books);
    double *numbers = build_keep(b, recipes * elements * 3, sizeof(double));
    if (b->out_of_memory)
        return;
    for (size_t i = 0; i < recipes; i++) {
        net->recipe_books[i].mined = numbers + (i * 3) * elements;
        net->recipe_books[i].tailings = numbers + (i * 3 + 1) * elements;
        net->recipe_books[i].losses = numbers + (i * 3 + 2) * elements;
    }
    read_contents(b);
    index_flows(b);
    if (b->out_of_memory)
        return;
    read_losses(b);
    close_recipes(b);
}
