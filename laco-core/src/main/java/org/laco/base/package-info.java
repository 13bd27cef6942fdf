/** What every other package may use: the lookup of services, and the mark of what isn't for users. */
package org.laco.base;
