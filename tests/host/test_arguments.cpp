#include <doctest/doctest.h>

#include "host/arguments.h"
#include "host/words.h"

using namespace sideman;

namespace {

Atoms words(std::initializer_list<Atom> list) { return list; }
Atom word(const char* text) { return std::string(text); }

}  // namespace

TEST_CASE("no arguments give the table's defaults") {
  const Arguments arguments = read_arguments({});
  CHECK(arguments.settings == Settings{});
  CHECK(arguments.complaints.empty());
}

TEST_CASE("the first bare word is the model, names take what follows") {
  const Arguments arguments =
      read_arguments(words({word("tiny"), word("@parts"), word("bass"), word("drums"),
                            word("@lead"), word("auto"), word("@hop"), int64_t{2}}));
  CHECK(arguments.complaints.empty());
  CHECK(arguments.settings.model == "tiny");
  CHECK(arguments.settings.parts == std::vector<std::string>{"bass", "drums"});
  CHECK(arguments.settings.lead == automatic);
  CHECK(arguments.settings.hop == 2);
}

TEST_CASE("each bad argument is left out with one line, the rest holds") {
  const Arguments arguments = read_arguments(
      words({word("tiny"), word("drums"), word("@prats"), word("bass"), word("@hop"), word("soon"),
             word("@seed"), int64_t{7}}));
  REQUIRE(arguments.complaints.size() == 3);
  CHECK(arguments.complaints[0].find("'drums'") != std::string::npos);
  CHECK(arguments.complaints[1] == "unknown setting 'prats': did you mean 'parts'?");
  CHECK(arguments.complaints[2].find("hop") != std::string::npos);
  CHECK(arguments.settings.model == "tiny");
  CHECK(arguments.settings.parts == Settings{}.parts);
  CHECK(arguments.settings.hop == automatic);
  CHECK(arguments.settings.seed == 7);
  for (const std::string& line : arguments.complaints) {
    CHECK(line.find('\n') == std::string::npos);
  }
}

TEST_CASE("a setting without a value is complained about") {
  const Arguments arguments = read_arguments(words({word("@parts"), word("@hop")}));
  CHECK(arguments.complaints.size() == 2);
  CHECK(arguments.settings == Settings{});
}

TEST_CASE("numbers keep their kind") {
  CHECK(number_atom(4.0) == Atom{int64_t{4}});
  CHECK(number_atom(0.5) == Atom{0.5});
  CHECK(number_atom(1e300) == Atom{1e300});
  CHECK(to_text(words({word("a"), int64_t{-3}, 0.25})) == "a -3 0.25");
}
