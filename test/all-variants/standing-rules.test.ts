import { standingRules } from '../phases/standing-rules';
import { VARIANTS } from '../variants';

standingRules(VARIANTS);
