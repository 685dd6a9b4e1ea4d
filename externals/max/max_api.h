#pragma once
// Max's C interface, through here alone: on Windows the SDK brings windows.h, whose min and max
// would be macros in all that comes after.

#ifndef NOMINMAX
#define NOMINMAX
#endif

#include "ext.h"
#include "ext_obex.h"
