/* names.c - the axes of a network: ids in the order of the case. */
#include "network/build.h"

#include <string.h>

static network_names names_of(builder *b, table_id table, int32_t column)
{
    int32_t n = b->model->table[table].rows;
    const char **id = build_keep(b, (size_t)n, sizeof *id);
    for (int32_t i = 0; id && i < n; i++) {
        id[i] = arena_strdup(b->net->memory, model_at(b->model, table, i, column)->text);
        if (!id[i])
            b->out_of_memory = true;
    }
    return (network_names){n, id};
}

static int32_t find_text(const char *const *list, int32_t n, const char *text)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(list[i], text) == 0)
            return i;
    return YT_NONE;
}

/* Families in order of first mention among the recipes. */
static network_names families_of(builder *b)
{
    int32_t recipes = b->model->table[TABLE_recipe].rows, n = 0;
    const char **id = build_keep(b, (size_t)recipes, sizeof *id);
    for (int32_t i = 0; id && i < recipes; i++) {
        const char *family = model_at(b->model, TABLE_recipe, i, recipe_family)->text;
        if (*family && find_text(id, n, family) == YT_NONE)
            id[n++] = arena_strdup(b->net->memory, family);
    }
    return (network_names){n, id};
}

/* A plant that is announced without a date is there for whoever decides. */
static bool gives_a_size(const builder *b, int32_t row)
{
    int32_t item = model_at(b->model, TABLE_facility_fact, row, facility_fact_item)->id;
    bool may_be_decided = b->model->table[TABLE_governance].rows > 0;
    return model_at(b->model, TABLE_facility_fact, row, facility_fact_facts + FACT_VALUE)->number >
               0 &&
           (item == ITEM_facility_fact_capacity ||
            (item == ITEM_facility_fact_announced_capacity && may_be_decided));
}

/* A facility names a recipe or a family; capacity rows make it sized. */
static void read_facilities(builder *b)
{
    const yt_model *model = b->model;
    int32_t n = b->net->facilities.count;
    b->facility_recipe = build_scratch(b, (size_t)n, sizeof *b->facility_recipe);
    b->facility_family = build_scratch(b, (size_t)n, sizeof *b->facility_family);
    b->facility_sized = build_scratch(b, (size_t)n, sizeof *b->facility_sized);
    b->facility_runs = build_scratch(b, (size_t)n, sizeof *b->facility_runs);
    if (b->out_of_memory)
        return;
    for (int32_t f = 0; f < n; f++) {
        const char *how = model_at(model, TABLE_facility, f, facility_recipe)->text;
        b->facility_recipe[f] = model_find(model, TABLE_recipe, how);
        b->facility_family[f] = b->facility_recipe[f] != YT_NONE
                                    ? YT_NONE
                                    : find_text(b->net->families.id, b->net->families.count, how);
    }
    for (int32_t r = 0; r < model->table[TABLE_facility_fact].rows; r++)
        if (gives_a_size(b, r))
            b->facility_sized[model_at(model, TABLE_facility_fact, r, facility_fact_facility)->id] =
                true;
}

void build_names(builder *b)
{
    yt_network *net = b->net;
    net->regions = names_of(b, TABLE_region, region_id);
    net->commodities = names_of(b, TABLE_commodity, commodity_id);
    net->elements = names_of(b, TABLE_element, element_id);
    net->stages = names_of(b, TABLE_stage, stage_id);
    net->groups = names_of(b, TABLE_group, group_id);
    net->recipes = names_of(b, TABLE_recipe, recipe_id);
    net->facilities = names_of(b, TABLE_facility, facility_id);
    net->end_uses = names_of(b, TABLE_end_use, end_use_id);
    net->holders = names_of(b, TABLE_holder, holder_id);
    net->permits = names_of(b, TABLE_permit, permit_id);
    net->programmes = names_of(b, TABLE_programme, programme_id);
    net->families = families_of(b);
    net->start_month = b->model->start;
    net->first_month = b->model->start - b->model->spin_up;
    net->months = b->model->end - net->first_month + 1;
    net->decide =
        b->model->decide_from == YT_NONE ? net->months : b->model->decide_from - net->first_month;
    read_facilities(b);
}
