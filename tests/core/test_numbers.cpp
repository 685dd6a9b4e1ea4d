#include <doctest/doctest.h>

#include <clocale>
#include <string>

#include "core/numbers.h"

using namespace sideman;

namespace {

void check_both_ways() {
  CHECK(digits_of(0.5, 6) == "0.5");
  CHECK(digits_of(-1234567.0, 10) == "-1234567");
  CHECK(digits_of(1e-7, 6) == "1e-07");
  CHECK(number_of("0.5") == 0.5);
  CHECK(number_of("-3") == -3.0);
  CHECK(number_of("1e3") == 1000.0);
  for (const char* word : {"", "0,5", "1.2.3", "5 ms", "bass"}) CHECK_FALSE(number_of(word));
}

}  // namespace

TEST_CASE("numbers are written and read with a point") { check_both_ways(); }

TEST_CASE("and where the process writes a comma") {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  bool found = false;
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8"}) {
    found = found || std::setlocale(LC_NUMERIC, name) != nullptr;
  }
  if (!found) {
    MESSAGE("this system has no locale with a comma: not tried");
    return;
  }
  check_both_ways();
  std::setlocale(LC_NUMERIC, before.c_str());
}
