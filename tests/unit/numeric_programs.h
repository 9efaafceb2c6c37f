/* numeric_programs.h - public numeric problems that are programs: written out, then cleared. */
#ifndef TESTS_NUMERIC_PROGRAMS_H
#define TESTS_NUMERIC_PROGRAMS_H

#include <jansson.h>

void capexp_three_period(const json_t *root);
void cobweb_linear(const json_t *root);
void io_leontief_2x2(const json_t *root);
void lcp_murty_8(const json_t *root);
void markov_drunkard(const json_t *root);
void qp_coupled(const json_t *root); /* hs35, hs51, hs76, tame */
void run_of_terms(const json_t *root);
void slp_farmer(const json_t *root);
void slp_lands(const json_t *root);
void spe_nagurney_asymmetric(const json_t *root);
void spe_takayama_judge_1964(const json_t *root);

#endif
