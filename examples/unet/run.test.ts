import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("unet", { size: 32, width: 0.125, classes: 2 });
