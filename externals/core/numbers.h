#pragma once
// Numbers as text with a point, whatever country the host's process was set to. Any thread but audio.

#include <optional>
#include <string>

namespace sideman {

std::string digits_of(double value, int significant);
// The number that a whole word is.
std::optional<double> number_of(const std::string& word);

}  // namespace sideman
