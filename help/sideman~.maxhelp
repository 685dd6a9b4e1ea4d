{
 "patcher": {
  "fileversion": 1,
  "appversion": {
   "major": 8,
   "minor": 6,
   "revision": 0,
   "architecture": "x64",
   "modernui": 1
  },
  "classnamespace": "box",
  "rect": [
   0.0,
   0.0,
   760.0,
   560.0
  ],
  "showrootpatcherontab": 0,
  "showontab": 0,
  "boxes": [
   {
    "box": {
     "id": "obj-1",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      20.0,
      20.0,
      100.0,
      22.0
     ],
     "text": "p basic",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       0.0,
       0.0,
       760.0,
       560.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          15.0,
          460.6,
          20.0
         ],
         "text": "sideman~ listens to the music at its inlet and plays a part that fits it."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          35.0,
          700.0,
          20.0
         ],
         "text": "1. Switch the audio on. 2. Raise the fader. The echo below answers with what it heard; take @backend away to hear the model."
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          80.0,
          77.0,
          22.0
         ],
         "text": "cycle~ 220",
         "outlettype": [
          "signal"
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          150.0,
          80.0,
          70.5,
          22.0
         ],
         "text": "phasor~ 1",
         "outlettype": [
          "signal"
         ]
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          150.0,
          110.0,
          51.0,
          22.0
         ],
         "text": "<~ 0.2",
         "outlettype": [
          "signal"
         ]
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          150.0,
          25.0,
          22.0
         ],
         "text": "*~",
         "outlettype": [
          "signal"
         ]
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40.0,
          200.0,
          265.5,
          22.0
         ],
         "text": "sideman~ mini @parts bass @backend echo",
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "gain~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          40.0,
          260.0,
          24.0,
          110.0
         ],
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "ezdac~",
         "numinlets": 2,
         "numoutlets": 0,
         "patching_rect": [
          40.0,
          400.0,
          45.0,
          45.0
         ]
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          290.0,
          260.0,
          96.5,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          290.0,
          235.0,
          460.6,
          20.0
         ],
         "text": "status idle, loading, ready, late, lost or error; latency; late; progress"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-6",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-5",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-6",
          1
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          0
         ],
         "destination": [
          "obj-7",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-8",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-9",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-9",
          1
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          1
         ],
         "destination": [
          "obj-10",
          0
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-2",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      130.0,
      20.0,
      100.0,
      22.0
     ],
     "text": "p messages",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       0.0,
       0.0,
       760.0,
       560.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          15.0,
          473.0,
          20.0
         ],
         "text": "Every message is an action; what is kept with the patch is in the next tab."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40.0,
          330.0,
          187.5,
          22.0
         ],
         "text": "sideman~ mini @backend echo",
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          45.0,
          42.0,
          22.0
         ],
         "text": "load",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          180.0,
          46.0,
          138.20000000000002,
          20.0
         ],
         "text": "opens the model again"
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          73.0,
          77.0,
          22.0
         ],
         "text": "load mini",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          180.0,
          74.0,
          125.8,
          20.0
         ],
         "text": "opens another model"
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          101.0,
          49.0,
          22.0
         ],
         "text": "reset",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          180.0,
          102.0,
          212.6,
          20.0
         ],
         "text": "forgets what was heard and played"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          129.0,
          77.0,
          22.0
         ],
         "text": "tempo 120",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          180.0,
          130.0,
          113.4,
          20.0
         ],
         "text": "the clock by hand"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          157.0,
          56.0,
          22.0
         ],
         "text": "beat 1",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          180.0,
          158.0,
          194.0,
          20.0
         ],
         "text": "the first beat of a bar is now"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          185.0,
          63.0,
          22.0
         ],
         "text": "meter 4",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          180.0,
          186.0,
          88.60000000000001,
          20.0
         ],
         "text": "beats per bar"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          213.0,
          42.0,
          22.0
         ],
         "text": "info",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          180.0,
          214.0,
          119.60000000000001,
          20.0
         ],
         "text": "sends every figure"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          241.0,
          56.0,
          22.0
         ],
         "text": "doctor",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          180.0,
          242.0,
          249.8,
          20.0
         ],
         "text": "checks the installation, on the console"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          269.0,
          49.0,
          22.0
         ],
         "text": "bench",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          180.0,
          270.0,
          218.8,
          20.0
         ],
         "text": "measures the model on this machine"
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          240.0,
          370.0,
          96.5,
          22.0
         ],
         "text": "print sideman"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-9",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-11",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-13",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          1
         ],
         "destination": [
          "obj-21",
          0
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-3",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      240.0,
      20.0,
      100.0,
      22.0
     ],
     "text": "p attributes",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       0.0,
       0.0,
       760.0,
       560.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          15.0,
          479.2,
          20.0
         ],
         "text": "Attributes are saved with the patch; parts is fixed when the object is made."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40.0,
          575.0,
          265.5,
          22.0
         ],
         "text": "sideman~ mini @parts bass @backend echo",
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          45.0,
          320.0,
          22.0
         ],
         "attr": "model",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          85.0,
          320.0,
          22.0
         ],
         "attr": "parts",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          125.0,
          320.0,
          22.0
         ],
         "attr": "hop",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          165.0,
          320.0,
          22.0
         ],
         "attr": "lead",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          205.0,
          320.0,
          22.0
         ],
         "attr": "steps",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          245.0,
          320.0,
          22.0
         ],
         "attr": "seed",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          285.0,
          320.0,
          22.0
         ],
         "attr": "guidance",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          325.0,
          320.0,
          22.0
         ],
         "attr": "clock",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          45.0,
          320.0,
          22.0
         ],
         "attr": "backend",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          85.0,
          320.0,
          22.0
         ],
         "attr": "device",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          125.0,
          320.0,
          22.0
         ],
         "attr": "python",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          165.0,
          320.0,
          22.0
         ],
         "attr": "threads",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          205.0,
          320.0,
          22.0
         ],
         "attr": "fade",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          245.0,
          320.0,
          22.0
         ],
         "attr": "fallback",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          285.0,
          320.0,
          22.0
         ],
         "attr": "enable",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          325.0,
          320.0,
          22.0
         ],
         "attr": "delay",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-100",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          365.0,
          320.0,
          22.0
         ],
         "attr": "sampler",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-101",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          365.0,
          320.0,
          22.0
         ],
         "attr": "mode",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-102",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          405.0,
          320.0,
          22.0
         ],
         "attr": "tags",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-103",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          405.0,
          320.0,
          22.0
         ],
         "attr": "inertia",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-104",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          445.0,
          320.0,
          22.0
         ],
         "attr": "feedback",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-105",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          445.0,
          320.0,
          22.0
         ],
         "attr": "mix",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-106",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          485.0,
          320.0,
          22.0
         ],
         "attr": "host",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-107",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          380.0,
          485.0,
          320.0,
          22.0
         ],
         "attr": "port",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-108",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          525.0,
          320.0,
          22.0
         ],
         "attr": "token",
         "outlettype": [
          ""
         ]
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-9",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-11",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-12",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-13",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-100",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-101",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-102",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-103",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-104",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-105",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-106",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-107",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-108",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-4",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      350.0,
      20.0,
      100.0,
      22.0
     ],
     "text": "p clock",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       0.0,
       0.0,
       760.0,
       560.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          15.0,
          535.0,
          20.0
         ],
         "text": "While Max's transport runs it gives tempo, beat and bar; rhythm needs one of the two."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "toggle",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          60.0,
          24.0,
          24.0
         ],
         "outlettype": [
          "int"
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 9,
         "patching_rect": [
          40.0,
          100.0,
          70.5,
          22.0
         ],
         "text": "transport",
         "outlettype": [
          "int",
          "int",
          "float",
          "float",
          "float",
          "",
          "int",
          "float",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          100.0,
          60.0,
          77.0,
          22.0
         ],
         "text": "tempo 100",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40.0,
          180.0,
          265.5,
          22.0
         ],
         "text": "sideman~ mini @backend echo @clock auto",
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          140.0,
          84.0,
          22.0
         ],
         "text": "clock auto",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          180.0,
          140.0,
          119.0,
          22.0
         ],
         "text": "clock transport",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          320.0,
          140.0,
          77.0,
          22.0
         ],
         "text": "clock off",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          300.0,
          220.0,
          96.5,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-100",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          420.0,
          140.0,
          91.0,
          22.0
         ],
         "text": "clock track",
         "outlettype": [
          ""
         ]
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-2",
          0
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          0
         ],
         "destination": [
          "obj-5",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-5",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-5",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          1
         ],
         "destination": [
          "obj-9",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-100",
          0
         ],
         "destination": [
          "obj-5",
          0
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-5",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      460.0,
      20.0,
      100.0,
      22.0
     ],
     "text": "p trouble",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       0.0,
       0.0,
       760.0,
       560.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          20.0,
          504.0,
          20.0
         ],
         "text": "Nothing sounds: send doctor and read the Max console; each line says what to do."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          50.0,
          659.0,
          20.0
         ],
         "text": "status error: the console says what failed. status lost: the model does not come back; the patch goes on."
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          80.0,
          615.6,
          20.0
         ],
         "text": "status late: the model is too slow for this lead; set lead to auto, or hop longer, or steps fewer."
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          110.0,
          671.4,
          20.0
         ],
         "text": "The object needs the Python package: pip install sideman into a venv, then name it by the attribute python."
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40.0,
          200.0,
          187.5,
          22.0
         ],
         "text": "sideman~ mini @backend echo",
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40.0,
          160.0,
          56.0,
          22.0
         ],
         "text": "doctor",
         "outlettype": [
          ""
         ]
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-6",
          0
         ],
         "destination": [
          "obj-5",
          0
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-6",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      570.0,
      20.0,
      100.0,
      22.0
     ],
     "text": "p ?",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       0.0,
       0.0,
       760.0,
       560.0
      ],
      "showontab": 1,
      "boxes": [],
      "lines": []
     }
    }
   }
  ],
  "lines": []
 }
}
