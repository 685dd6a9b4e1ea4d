#pragma once
// In these tests the object's backends are ours: `@backend echo` is the real echo, and the model's
// name asks for trouble: `stubborn` computes for three seconds and does not hear `cancel`, `diary`
// writes down the clock that it is given, `choir` is the echo at a level that belongs to each part, `missing` does not open.

#include <mutex>
#include <string_view>
#include <vector>

#include "core/hop.h"

namespace maxhost {

std::vector<sideman::Clock> diary();
void clear_diary();
// By the part's first letter: a is 1/8, h is 1.
double choir_level(std::string_view part);
// How many stubborn calls have begun, and how many are under way.
int stubborn_begun();
int stubborn_under_way();

}  // namespace maxhost
