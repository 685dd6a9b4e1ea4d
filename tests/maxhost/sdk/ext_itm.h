#pragma once
// The transport; see ext.h.

#include "ext.h"

MAX_DOUBLE_BEGIN

typedef struct _itm t_itm;
enum { TIME_FLAGS_LOCATION = 1 };

void* itm_getglobal(void);
long itm_getstate(t_itm* itm);
double itm_getticks(t_itm* itm);
double itm_gettempo(t_itm* itm);
double itm_getresolution(void);
void itm_gettimesignature(t_itm* itm, long* beats, long* unit);
void itm_tickstobarbeatunits(t_itm* itm, double ticks, long* bars, long* beats, double* units,
                             char position);

MAX_DOUBLE_END
