// sideman~ for Max, in its plain C interface. max_object.h says which thread does what. Nothing
// here waits for the model; free() takes the object from the audio thread first.

#include <exception>

#include "host/arguments.h"
#include "host/backends.h"
#include "max/max_object.h"

namespace sideman {

namespace {

constexpr long tick_ms = 20;

t_class* sideman_class = nullptr;

void speak(MaxObject* x, const Message& message) {
  std::vector<t_atom> atoms(message.atoms.size());
  for (size_t i = 0; i < atoms.size(); ++i) {
    to_max(message.atoms[i], &atoms[i]);
  }
  outlet_anything(x->body->messages, gensym(message.selector.c_str()),
                  static_cast<short>(atoms.size()), atoms.data());
}

// ---- main thread: what waits in the mailbox, then what the engine says ----

// Another number of parts sounds: the signal chain must be built again, with as many channels.
void follow_parts(MaxObject* x) {
  MaxBody& body = *x->body;
  const int sounding = body.instrument->sounding_parts();
  if (!body.multichannel || sounding == 0 || sounding == body.channels ||
      sounding != static_cast<int>(body.shown()->parts.size())) {
    return;
  }
  body.channels = sounding;
  if (auto* chain = dspchain_fromobject(reinterpret_cast<t_object*>(x))) {
    dspchain_setbroken(chain);
  }
}

void serve(MaxObject* x) {
  guarded(x, [&] {
    MaxBody& body = *x->body;
    while (const std::optional<Letter> letter = body.mailbox.take()) {
      obey(x, letter->selector, from_max(letter->count, letter->atoms.data()));
    }
    if (const int64_t lost = body.mailbox.take_lost()) {
      print(x, {Loudness::warning, std::to_string(lost) +
                                       " messages were lost: too many at once, or of more than " +
                                       std::to_string(Letter::most_atoms) + " words; send fewer"});
    }
    follow_transport(body);
    body.instrument->tick();
    show_settings(x);  // what failed to load was taken back
    follow_parts(x);
  });
}

// ---- any thread ----

void tick(MaxObject* x) {
  qelem_set(x->body->qelem);
  clock_delay(reinterpret_cast<t_clock*>(x->body->clock), tick_ms);
}

void anything(MaxObject* x, t_symbol* selector, long count, t_atom* atoms) {
  guarded(x, [&] {
    if (systhread_ismainthread()) {
      obey(x, selector, from_max(count, atoms));
    } else {
      x->body->mailbox.post(selector, count, atoms);
      qelem_set(x->body->qelem);
    }
  });
}

void assist(MaxObject* x, void*, long direction, long index, char* text) {
  if (direction == ASSIST_INLET) {
    snprintf_zero(text, ASSIST_MAX_STRING_LEN,
                  index == 0 ? "(signal) the music to listen to; messages"
                             : "(signal) the sketch that steers the part");
  } else if (index >= x->body->outlets) {
    snprintf_zero(text, ASSIST_MAX_STRING_LEN, "status, latency, late, clock, info");
  } else {
    guarded(x, [&] {
      const std::vector<std::string> parts = x->body->shown()->parts;
      std::string names = x->body->multichannel ? "" : parts.at(static_cast<size_t>(index));
      for (size_t i = 0; i < parts.size() && x->body->multichannel; ++i) {
        names += (i ? ", " : "") + parts[i];
      }
      snprintf_zero(text, ASSIST_MAX_STRING_LEN, "(%s) %s",
                    x->body->multichannel ? "multichannel signal" : "signal", names.c_str());
    });
  }
}

// ---- sound ----

void perform64(t_object*, t_object*, double** in, long ins, double** out, long outs, long samples,
               long, void* user) {
  auto* body = static_cast<MaxBody*>(user);
  const double* heard[heard_channels] = {};
  long channel = 0;
  for (int inlet = 0; inlet < heard_channels; ++inlet) {
    const long next = channel + body->inlets[static_cast<size_t>(inlet)].channels();
    if (next > ins) break;  // the chain that runs is about to be replaced
    heard[inlet] = body->inlets[static_cast<size_t>(inlet)].hear(in + channel, samples);
    channel = next;
  }
  body->instrument->process(heard, out, static_cast<int>(outs), static_cast<int>(samples));
}

// Max asks before it builds the chain. Main thread.
long multichannel_outputs(MaxObject* x, long index) {
  if (!x->body->multichannel || index != 0) {
    return 1;
  }
  x->body->channels = static_cast<int>(x->body->shown()->parts.size());
  return x->body->channels;
}

void dsp64(MaxObject* x, t_object* chain, short*, double sample_rate, long max_vector, long) {
  guarded(x, [&] {
    x->body->instrument->prepare(sample_rate, static_cast<int>(max_vector));
    for (size_t inlet = 0; inlet < x->body->inlets.size(); ++inlet) {
      const void* channels = object_method(chain, gensym("getnuminputchannels"), x, inlet);
      x->body->inlets[inlet].expect(static_cast<long>(reinterpret_cast<t_ptr_int>(channels)));
    }
  });
  dsp_add64(chain, reinterpret_cast<t_object*>(x), perform64, 0, x->body);
}

// ---- life ----

void make_body(MaxObject* x, long count, const t_atom* atoms) {
  Arguments arguments = read_arguments(from_max(count, atoms));
  for (const std::string& complaint : arguments.complaints) {
    print(x, {Loudness::error, complaint});
  }
  auto body = std::make_unique<MaxBody>();
  body->multichannel = arguments.settings.mc;
  body->outlets = body->multichannel ? 1 : static_cast<int>(arguments.settings.parts.size());
  body->show(arguments.settings);
  body->buffers = std::make_unique<MaxBuffers>(reinterpret_cast<t_object*>(x));
  body->instrument = std::make_unique<Instrument>(
      std::move(arguments.settings), make_backend,
      HostDoor{[x](const Message& message) { speak(x, message); },
               [x](const Line& line) { print(x, line); }, body->buffers.get()});
  body->instrument->prepare(sys_getsr(), sys_getmaxblksize());
  x->body = body.release();
}

// Outlets are made from the right: messages, then the parts from the last to the first.
void make_doors(MaxObject* x) {
  MaxBody& body = *x->body;
  body.messages = static_cast<t_outlet*>(outlet_new(x, nullptr));
  object_obex_store(x, gensym("dumpout"), reinterpret_cast<t_object*>(body.messages));
  for (int outlet = 0; outlet < body.outlets; ++outlet) {
    outlet_new(x, body.multichannel ? "multichannelsignal" : "signal");
  }
  body.qelem = static_cast<t_qelem*>(qelem_new(x, as_method(serve)));
  body.clock = reinterpret_cast<t_object*>(clock_new(x, as_method(tick)));
  clock_delay(reinterpret_cast<t_clock*>(body.clock), 0);
}

void destroy(MaxObject* x) {
  dsp_free(&x->object);
  if (!x->body) {
    return;
  }
  object_free(x->body->clock);  // before the qelem, which it sets
  qelem_free(x->body->qelem);
  delete x->body;
}

void* create(t_symbol*, long count, t_atom* atoms) {
  auto* x = static_cast<MaxObject*>(object_alloc(sideman_class));
  if (!x) {
    return nullptr;
  }
  dsp_setup(&x->object, heard_channels);
  x->object.z_misc |= Z_MC_INLETS;
  guarded(x, [&] { make_body(x, count, atoms); });
  if (!x->body) {
    object_free(x);
    return nullptr;
  }
  make_doors(x);
  return x;
}

void quit(void*) { quit_all(); }

// Where Max's file dialogs and drops say `Disk:/folder` the system says `/Volumes/Disk/folder`, of
// the disk that macOS started from too. A single letter is a drive of Windows, `://` an address.
std::string from_max_path(std::string_view word) {
  const size_t colon = word.find(":/");
  const bool path = colon != std::string_view::npos && colon > 1 &&
                    word.find('/') == colon + 1 && word.substr(colon, 3) != "://";
  if (!path) {
    return std::string(word);
  }
  return "/Volumes/" + std::string(word.substr(0, colon)) + std::string(word.substr(colon + 1));
}

}  // namespace

Atoms from_max(long count, const t_atom* atoms) {
  Atoms out;
  for (long i = 0; i < count; ++i) {
    if (atoms[i].a_type == A_LONG) {
      out.push_back(static_cast<int64_t>(atom_getlong(atoms + i)));
    } else if (atoms[i].a_type == A_FLOAT) {
      out.push_back(number_atom(atom_getfloat(atoms + i)));
    } else if (atoms[i].a_type == A_SYM) {
      out.emplace_back(from_max_path(atom_getsym(atoms + i)->s_name));
    }
  }
  return out;
}

void to_max(const Atom& atom, t_atom* out) {
  if (const auto* whole = std::get_if<int64_t>(&atom)) {
    atom_setlong(out, static_cast<t_atom_long>(*whole));
  } else if (const auto* real = std::get_if<double>(&atom)) {
    atom_setfloat(out, *real);
  } else {
    atom_setsym(out, gensym(std::get<std::string>(atom).c_str()));
  }
}

void print(MaxObject* x, const Line& line) {
  auto* object = reinterpret_cast<t_object*>(x);
  switch (line.loudness) {
    case Loudness::error:
      object_error(object, "%s", line.text.c_str());
      break;
    case Loudness::warning:
      object_warn(object, "%s", line.text.c_str());
      break;
    case Loudness::note:
      object_post(object, "%s", line.text.c_str());
      break;
  }
}

void obey(MaxObject* x, t_symbol* selector, std::span<const Atom> atoms) {
  x->body->instrument->handle(selector->s_name, atoms);
  show_settings(x);
}

void show_settings(MaxObject* x) {
  MaxBody& body = *x->body;
  const Settings now = body.instrument->settings();
  const std::shared_ptr<const Settings> before = body.shown();
  if (now == *before) return;
  body.show(now);
  for (const Setting& setting : settings_table()) {
    if (now.get(setting.name) != before->get(setting.name)) {
      object_attr_touch(reinterpret_cast<t_object*>(x), gensym(std::string(setting.name).c_str()));
    }
  }
}

void report_exception(MaxObject* x) noexcept {
  try {
    throw;
  } catch (const std::exception& trouble) {
    object_error(reinterpret_cast<t_object*>(x), "given up: %s; the patch plays on", trouble.what());
  } catch (...) {
    object_error(reinterpret_cast<t_object*>(x), "given up: unknown exception; the patch plays on");
  }
}

}  // namespace sideman

extern "C" C74_EXPORT void ext_main(void*) {
  using namespace sideman;
  t_class* c = class_new("sideman~", as_method(create), as_method(destroy), sizeof(MaxObject),
                         nullptr, A_GIMME, 0);
  class_addmethod(c, as_method(dsp64), "dsp64", A_CANT, 0);
  class_addmethod(c, as_method(assist), "assist", A_CANT, 0);
  class_addmethod(c, as_method(multichannel_outputs), "multichanneloutputs", A_CANT, 0);
  for (const Command& command : command_table()) {
    class_addmethod(c, as_method(anything), std::string(command.name).c_str(), A_GIMME, 0);
  }
  class_addmethod(c, as_method(anything), "anything", A_GIMME, 0);
  add_attributes(c);
  class_dspinit(c);
  class_register(CLASS_BOX, c);
  sideman_class = c;
  quittask_install(as_method(quit), nullptr);
}
