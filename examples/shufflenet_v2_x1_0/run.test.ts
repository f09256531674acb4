import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("shufflenet_v2_x1_0", { size: 64, width: 0.5, classes: 10 });
