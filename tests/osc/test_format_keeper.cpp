#include <doctest/doctest.h>

#include "backends/osc/format_keeper.h"

using namespace sideman::osc;

TEST_CASE("samples travel as they are until two hops of sixteen came late") {
  FormatKeeper keeper;
  for (int i = 0; i < 100; ++i) {
    keeper.hop(i % 16 != 3);
    CHECK(keeper.format() == SampleFormat::float32);
  }
  keeper.hop(false);
  keeper.hop(false);
  CHECK(keeper.format() == SampleFormat::int16);
  for (int i = 0; i < 100; ++i) keeper.hop(true);
  CHECK(keeper.format() == SampleFormat::int16);  // the way is as narrow as it was
}
