import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("resnext50_32x4d", { size: 64, width: 0.25, classes: 10 });
