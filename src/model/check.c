#include "model/inside.h"
void check_entities(loader *l)
{
    (void)l;
}
void check_recipes(loader *l)
{
    (void)l;
}
void check_observations(loader *l)
{
    (void)l;
}
