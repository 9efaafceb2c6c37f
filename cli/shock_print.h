/* shock_print.h - the tables of ytterby shock. */
#ifndef CLI_SHOCK_PRINT_H
#define CLI_SHOCK_PRINT_H

#include "cli.h"
#include "study/shock.h"

void shock_print(cli *c, const yt_network *net, const shock_plan *plan, const shock_bom *bom,
                 const shock_result *result, const shock_options *options);
/* With what others hold to be critical beside it. */
void screen_print(cli *c, const yt_model *model, const yt_network *net,
                  const screen_result *result);

#endif
