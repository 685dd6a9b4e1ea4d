#pragma once
// The Instrument within an object for Max. Main thread.

#include "max/max_object.h"

namespace maxhost {

inline sideman::Instrument& instrument_of(t_object* object) {
  return *reinterpret_cast<sideman::MaxObject*>(object)->body->instrument;
}

}  // namespace maxhost
