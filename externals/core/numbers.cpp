#include "core/numbers.h"

#include <clocale>
#include <cstdio>
#include <cstdlib>

namespace sideman {
namespace {

// std::to_chars would not ask, but older systems of Apple have none for doubles.
std::string point() { return std::localeconv()->decimal_point; }

void replace(std::string& text, const std::string& from, const std::string& to) {
  const size_t place = text.find(from);
  if (place != std::string::npos) text.replace(place, from.size(), to);
}

}  // namespace

std::string digits_of(double value, int significant) {
  char digits[40];
  std::snprintf(digits, sizeof digits, "%.*g", significant, value);
  std::string text = digits;
  replace(text, point(), ".");
  return text;
}

std::optional<double> number_of(const std::string& word) {
  if (word.empty() || (point() != "." && word.find(point()) != std::string::npos)) {
    return std::nullopt;
  }
  std::string text = word;
  replace(text, ".", point());
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0') return std::nullopt;
  return value;
}

}  // namespace sideman
